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
),
versions AS (
    SELECT * FROM read_parquet('{lake}/seconds/*.parquet', union_by_name = true)
    WHERE seq > (SELECT minutes_to FROM bounds) AND seq <= (SELECT seconds_to FROM bounds)
    UNION ALL
    SELECT * FROM read_parquet('{lake}/minutes/*.parquet', union_by_name = true)
    WHERE seq > (SELECT hours_to FROM bounds) AND seq <= (SELECT minutes_to FROM bounds)
    UNION ALL
    SELECT * FROM read_parquet('{lake}/hours/*.parquet', union_by_name = true)
    WHERE seq > (SELECT days_to FROM bounds) AND seq <= (SELECT hours_to FROM bounds)
    UNION ALL
    SELECT * FROM read_parquet('{lake}/days/*.parquet', union_by_name = true)
    WHERE seq <= (SELECT days_to FROM bounds)
)
SELECT v.* FROM versions AS v ANTI JOIN gone AS g ON v.seq = g.seq;
