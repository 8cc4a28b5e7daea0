-- Adds decisions; one that is there already came from a copy of its segment.
INSERT INTO decisions
SELECT
    make_timestamptz(at_us), id_of(trace_id), model_group, mode, acted, snapshot_id, deployment_id, probability, reason,
    decision
FROM rare_decision
EXCEPT
SELECT * FROM decisions
WHERE decided_at BETWEEN make_timestamptz($first_us) AND make_timestamptz($last_us)
