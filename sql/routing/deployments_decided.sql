-- Which deployments were chosen in a span of time?
SELECT DISTINCT deployment_id AS name
FROM decisions
WHERE
    decided_at >= $start AND decided_at < $end
    AND (len(CAST($model_groups AS VARCHAR[])) = 0 OR list_contains(CAST($model_groups AS VARCHAR[]), model_group))
ORDER BY name
