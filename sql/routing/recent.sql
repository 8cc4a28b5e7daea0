-- Which decisions were made last in a span of time?
SELECT decided_at, model_group, mode, acted, deployment_id, probability, reason, trace_id::VARCHAR AS trace_id, decision
FROM decisions
WHERE
    decided_at >= $start AND decided_at < $end
    AND (len(CAST($model_groups AS VARCHAR[])) = 0 OR list_contains(CAST($model_groups AS VARCHAR[]), model_group))
    AND (len(CAST($deployments AS VARCHAR[])) = 0 OR list_contains(CAST($deployments AS VARCHAR[]), deployment_id))
ORDER BY decided_at DESC
LIMIT $rows
