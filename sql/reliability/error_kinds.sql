-- Which kinds of errors did each provider, model, group or deployment have?
SELECT name, error.kind AS kind, CAST(sum(error.count) AS BIGINT) AS errors
FROM (
    SELECT name, unnest(errors) AS error
    FROM chosen_buckets('{table}', $by, $start, $end, $providers, $models, $model_groups, $deployments)
)
GROUP BY name, kind
ORDER BY errors DESC, name, kind
