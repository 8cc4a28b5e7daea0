-- What was spent in each hour of a span, as far as the rollup has come?
CREATE OR REPLACE MACRO hourly_spend(first_at, end_at) AS TABLE
SELECT bucket_at AS moment, * EXCLUDE (bucket_at)
FROM spend_hour
WHERE bucket_at >= first_at AND bucket_at < end_at;
