-- How many attempts did each deployment get in a span of time?
SELECT deployment_id, count(*) AS attempts
FROM costed_attempts($start, $end)
WHERE
    deployment_id IS NOT NULL AND upstream IS DISTINCT FROM false
    AND (len(CAST($model_groups AS VARCHAR[])) = 0 OR list_contains(CAST($model_groups AS VARCHAR[]), model_group))
GROUP BY deployment_id
