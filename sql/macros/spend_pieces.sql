-- What was spent since each of some moments, in pieces that add up, whatever they are cut by?
-- Whole days and hours come from the rollup. Hours that one of the moments cuts, and those that the rollup has not caught
-- up with (late rows and repriced ones among them), come from the attempts themselves; so the sums are those of the raw
-- rows.
CREATE OR REPLACE MACRO spend_pieces(starts, first_at, end_at) AS TABLE
WITH raw_hours AS (
    SELECT hour FROM stale_hours()
    UNION
    SELECT epoch_us(start) // 3600000000 FROM (SELECT unnest(starts) AS start) WHERE epoch_us(start) % 3600000000 <> 0
    UNION
    SELECT epoch_us(end_at) // 3600000000
),

cut_days AS (
    SELECT hour // 24 AS day FROM raw_hours
    UNION
    SELECT epoch_us(start) // 86400000000 FROM (SELECT unnest(starts) AS start) WHERE epoch_us(start) % 86400000000 <> 0
)

SELECT bucket_at AS moment, * EXCLUDE (bucket_at)
FROM spend_day
WHERE
    bucket_at >= first_at AND bucket_at < end_at
    AND epoch_us(bucket_at) // 86400000000 NOT IN (FROM cut_days)
UNION ALL BY NAME
SELECT bucket_at AS moment, * EXCLUDE (bucket_at)
FROM spend_hour
WHERE
    bucket_at >= first_at AND bucket_at < end_at
    AND epoch_us(bucket_at) // 86400000000 IN (FROM cut_days)
    AND epoch_us(bucket_at) // 3600000000 NOT IN (FROM raw_hours)
UNION ALL BY NAME
SELECT *
FROM spent_attempts(first_at, end_at, [], [], [], [], [], [], [])
WHERE epoch_us(moment) // 3600000000 IN (FROM raw_hours);
