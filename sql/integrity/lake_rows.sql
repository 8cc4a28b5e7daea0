-- How many attempts does the lake show, and how many of them more than once?
SELECT count(*) AS attempts, CAST(count(*) - count(DISTINCT seq) AS BIGINT) AS repeated FROM raw.attempts
