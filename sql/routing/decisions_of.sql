-- Which decisions were made about a request, in order?
SELECT decided_at, model_group, mode, acted, snapshot_id, deployment_id, probability, reason, decision
FROM decisions
WHERE trace_id = CASE
    WHEN CAST(TRY_CAST($trace AS UUID) AS VARCHAR) = $trace THEN TRY_CAST($trace AS UUID)
    ELSE CAST(md5($trace) AS UUID)
END
ORDER BY decided_at
