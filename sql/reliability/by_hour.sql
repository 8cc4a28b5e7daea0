-- At which hours of the day (UTC) do attempts fail at which provider?
SELECT
    provider,
    CAST(epoch_us(bucket_at) // 3600000000 % 24 AS INTEGER) AS hour,
    CAST(sum(succeeded + failed) AS BIGINT) AS ended,
    CAST(sum(provider_errors) AS BIGINT) AS provider_errors
FROM chosen_stretches(
    $by, $start, $minutes_at, $hours_at, $days_at, $days_end, $hours_end, $minutes_end, $end,
    $providers, $models, $model_groups, $deployments
)
GROUP BY provider, hour
HAVING sum(succeeded + failed) > 0
ORDER BY provider, hour
