-- Which buckets of a rollup make up a span: its hours, and the minutes around them?
CREATE OR REPLACE MACRO hours_and_minutes(
    minute_rollup, hour_rollup, minutes_at, hours_at, hours_end, minutes_end
) AS TABLE
SELECT * FROM query_table(minute_rollup) WHERE bucket_at >= minutes_at AND bucket_at < hours_at
UNION ALL
SELECT * FROM query_table(hour_rollup) WHERE bucket_at >= hours_at AND bucket_at < hours_end
UNION ALL
SELECT * FROM query_table(minute_rollup) WHERE bucket_at >= hours_end AND bucket_at < minutes_end;
