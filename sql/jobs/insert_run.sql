-- One run of a job.
INSERT INTO job_runs (job, slot, started_at, duration_us, affected, error)
VALUES ($job, make_timestamptz($slot_us), make_timestamptz($started_us), $duration_us, $affected, $error)
