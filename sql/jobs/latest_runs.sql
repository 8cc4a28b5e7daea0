-- When did each job last run, and did it fail?
SELECT
    job,
    epoch_us(max(started_at)) AS started_us,
    arg_max(duration_us, started_at) AS duration_us,
    arg_max(error, started_at) AS error,
    count(*) FILTER (error IS NOT NULL AND started_at > make_timestamptz($since_us)) AS failures
FROM job_runs
GROUP BY job
ORDER BY job
