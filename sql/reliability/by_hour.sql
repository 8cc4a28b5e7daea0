-- At which hours of the day (UTC) do attempts fail at which provider?
SELECT
    provider,
    CAST(epoch_us(bucket_at) // 3600000000 % 24 AS INTEGER) AS hour,
    CAST(sum(succeeded + failed) AS BIGINT) AS ended,
    CAST(sum(provider_errors) AS BIGINT) AS provider_errors
FROM chosen_buckets('{table}', $by, $start, $end, $providers, $models, $model_groups, $deployments)
GROUP BY provider, hour
HAVING sum(succeeded + failed) > 0
ORDER BY provider, hour
