-- How many requests did each deployment get in each stretch of time, and how many of those by exploring?
SELECT
    epoch_us(decided_at) // $width_us * $width_us AS at_us,
    deployment_id AS name,
    count(*) AS decisions,
    count(*) FILTER (acted) AS acted,
    count(*) FILTER (starts_with(reason, 'exploring')) AS explored
FROM decisions
WHERE
    decided_at >= $start AND decided_at < $end
    AND (len(CAST($model_groups AS VARCHAR[])) = 0 OR list_contains(CAST($model_groups AS VARCHAR[]), model_group))
    AND (len(CAST($deployments AS VARCHAR[])) = 0 OR list_contains(CAST($deployments AS VARCHAR[]), deployment_id))
GROUP BY at_us, name
ORDER BY at_us, name
