-- The same sums as the reliability rollup, straight from attempts: what tests and benchmarks compare it with.
SELECT
    make_timestamptz(epoch_us(started_at) // $width_us * $width_us) AS bucket_at,
    provider,
    model,
    model_group,
    deployment_id,
    count(*) FILTER (upstream IS DISTINCT FROM false) AS attempts,
    count(*) FILTER (upstream IS DISTINCT FROM false AND status = 'success') AS succeeded,
    count(*) FILTER (upstream IS DISTINCT FROM false AND status = 'failure') AS failed,
    count(*) FILTER (provider_error) AS provider_errors,
    CAST(coalesce(sum(latency_us) FILTER (upstream IS DISTINCT FROM false AND status = 'success'), 0) AS BIGINT)
        AS latency_us,
    sum(cost_usd) AS cost_usd,
    count(cost_usd) AS priced,
    sum(cost_usd) FILTER (status <> 'success') AS wasted_usd
FROM costed_attempts($start, $end)
GROUP BY ALL
ORDER BY ALL
