-- Which row versions does the lake hold at this moment, each once?
-- A level counts up to its newest marker in settled/, and only beyond the level above it. Markers are set after the file
-- they name has been in place for a while, and files merged away stay for a while, so it does not matter at which
-- instants of a query the folders are listed. A replaced row is left out as soon as its replacement counts.
CREATE OR REPLACE VIEW raw.attempts AS
WITH bounds AS MATERIALIZED (
    SELECT
        coalesce(max(settled) FILTER (level = 'days'), -1) AS days_to,
        coalesce(max(settled) FILTER (level IN ('days', 'hours')), -1) AS hours_to,
        coalesce(max(settled) FILTER (level IN ('days', 'hours', 'minutes')), -1) AS minutes_to,
        coalesce(max(settled) FILTER (level IN ('days', 'hours', 'minutes', 'tens')), -1) AS tens_to,
        coalesce(max(settled), -1) AS seconds_to
    FROM (
        SELECT
            regexp_extract(file, '([a-z]+)-\d+$', 1) AS level,
            CAST(regexp_extract(file, '[a-z]+-(\d+)$', 1) AS BIGINT) AS settled
        FROM glob('{lake}/settled/*')
    )
),
gone AS MATERIALIZED (
    SELECT DISTINCT seq
    FROM read_parquet('{lake}/replaced/*.parquet') AS r
    -- Qualified, or a macro with a parameter of that name could not read this view.
    WHERE r.since <= (SELECT seconds_to FROM bounds)
)
SELECT v.* EXCLUDE (lake_level)
FROM (
    -- One scan of all levels is bound once. Named before the rows meet the bounds, a level is found per file, not per row.
    SELECT * EXCLUDE (lake_file), regexp_extract(lake_file, '([a-z]+)[/\\][^/\\]+$', 1) AS lake_level
    FROM read_parquet(
        [
            '{lake}/seconds/*.parquet', '{lake}/tens/*.parquet', '{lake}/minutes/*.parquet', '{lake}/hours/*.parquet',
            '{lake}/days/*.parquet'
        ],
        union_by_name = true, filename = 'lake_file'
    )
) AS v
CROSS JOIN bounds AS b
ANTI JOIN gone AS g ON v.seq = g.seq
WHERE CASE v.lake_level
    WHEN 'seconds' THEN v.seq > b.tens_to AND v.seq <= b.seconds_to
    WHEN 'tens' THEN v.seq > b.minutes_to AND v.seq <= b.tens_to
    WHEN 'minutes' THEN v.seq > b.hours_to AND v.seq <= b.minutes_to
    WHEN 'hours' THEN v.seq > b.days_to AND v.seq <= b.hours_to
    ELSE v.seq <= b.days_to
END;
