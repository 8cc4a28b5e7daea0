-- Which buckets of a rollup of reliability lie in a span and pass the page's filters, and what is each to be called?
CREATE OR REPLACE MACRO chosen_buckets(
    rollup, called_by, first_at, end_at, providers, models, model_groups, deployments
) AS TABLE
SELECT
    *,
    name_by(called_by, provider, model, model_group, deployment_id) AS name
FROM query_table(rollup)
WHERE
    bucket_at >= first_at AND bucket_at < end_at
    AND (len(CAST(providers AS VARCHAR[])) = 0 OR list_contains(CAST(providers AS VARCHAR[]), provider))
    AND (len(CAST(models AS VARCHAR[])) = 0 OR list_contains(CAST(models AS VARCHAR[]), model))
    AND (len(CAST(model_groups AS VARCHAR[])) = 0 OR list_contains(CAST(model_groups AS VARCHAR[]), model_group))
    AND (len(CAST(deployments AS VARCHAR[])) = 0 OR list_contains(CAST(deployments AS VARCHAR[]), deployment_id));
