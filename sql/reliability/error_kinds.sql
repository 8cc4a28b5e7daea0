-- Which kinds of errors did each provider, model, group or deployment have, and which of them were the provider's?
WITH chosen AS (
    SELECT *
    FROM chosen_stretches(
        $by, $start, $minutes_at, $hours_at, $days_at, $days_end, $hours_end, $minutes_end, $end,
        $providers, $models, $model_groups, $deployments
    )
)
SELECT
    name,
    kind,
    kind IN ('bad_request', 'context_window', 'content_policy', 'rejected') AS ours,
    CAST(sum(errors) AS BIGINT) AS errors
FROM (
    SELECT name, error.kind AS kind, error.count AS errors FROM (SELECT name, unnest(errors) AS error FROM chosen)
    UNION ALL
    SELECT name, 'rejected', rejected FROM chosen WHERE rejected > 0
)
GROUP BY name, kind
ORDER BY errors DESC, name, kind
