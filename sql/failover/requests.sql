-- Which requests took more than one attempt: where they went, why they moved on, how they ended, what they took?
WITH chained AS (
    SELECT *, max(started_at) OVER (PARTITION BY request_id, part) AS ended_at
    FROM chained_attempts($since, $end)
    WHERE upstream
)
SELECT
    min(started_at) AS began_at,
    CAST(request_id AS VARCHAR) AS request_id,
    arg_min(coalesce(original_model_group, model_group), (started_at, call_id)) AS model_group,
    arg_min(team, (started_at, call_id)) AS team,
    count(*) AS attempts,
    arg_min(deployment, (started_at, call_id)) AS first_deployment,
    arg_max(deployment, (started_at, call_id)) AS last_deployment,
    string_agg(DISTINCT coalesce(error_kind, 'unknown'), ', ' ORDER BY coalesce(error_kind, 'unknown'))
        FILTER (status = 'failure') AS errors,
    arg_max(status, (started_at, call_id)) AS outcome,
    epoch_us(max(started_at)) - epoch_us(min(started_at)) AS added_us,
    sum(cost_usd) FILTER (status <> 'success') AS wasted_usd,
    sum(cost_usd) AS cost_usd,
    count(*) FILTER (status = 'success' AND cost_usd IS NULL) AS unpriced
FROM chained
WHERE ended_at >= $since AND ended_at < $end
GROUP BY request_id, part
HAVING
    count(*) > 1
    AND (len($providers::VARCHAR[]) = 0 OR list_has_any($providers::VARCHAR[], list(provider)))
    AND (len($models::VARCHAR[]) = 0 OR list_has_any($models::VARCHAR[], list(model)))
    AND (len($deployments::VARCHAR[]) = 0 OR list_has_any($deployments::VARCHAR[], list(deployment)))
    AND (len($model_groups::VARCHAR[]) = 0 OR list_contains($model_groups::VARCHAR[], model_group))
    AND (len($teams::VARCHAR[]) = 0 OR list_contains($teams::VARCHAR[], team))
ORDER BY began_at DESC
LIMIT $rows
