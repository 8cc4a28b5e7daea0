-- What was the last decision of each model group in a span of time?
SELECT model_group, max(decided_at) AS decided_at, arg_max(decision, decided_at) AS decision
FROM decisions
WHERE
    decided_at >= $start AND decided_at < $end
    AND (len(CAST($model_groups AS VARCHAR[])) = 0 OR list_contains(CAST($model_groups AS VARCHAR[]), model_group))
GROUP BY model_group
ORDER BY model_group
