-- In which minutes did which deployment end how many attempts, how many of them failed by its fault, and with what?
-- The deployments of a provider are also seen together, under NULL, where it has several.
SELECT
    bucket_at,
    provider,
    coalesce(deployment_id, model) AS deployment,
    count(DISTINCT deployment) OVER (PARTITION BY provider) AS deployments,
    CAST(sum(succeeded + failed) AS BIGINT) AS ended,
    CAST(sum(provider_errors) AS BIGINT) AS provider_errors,
    flatten(list(errors) FILTER (errors IS NOT NULL)) AS errors
FROM chosen_buckets(
    'reliability_minute', 'deployment', $start, $end, $providers, $models, $model_groups, $deployments
)
GROUP BY GROUPING SETS ((bucket_at, provider, coalesce(deployment_id, model)), (bucket_at, provider))
HAVING sum(succeeded + failed) > 0
QUALIFY deployment IS NOT NULL OR deployments > 1
ORDER BY provider, deployment, bucket_at
