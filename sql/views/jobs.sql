-- What did the hub run, when, for how long, over how many rows, and what went wrong?
CREATE OR REPLACE VIEW views.jobs AS
SELECT job, slot, started_at, duration_us / 1000.0 AS duration_ms, affected, error
FROM raw.job_runs;
COMMENT ON VIEW views.jobs IS 'One row per job run; runs of every second are summed up by the minute.';
