-- How have deployments fared lately, with recent attempts counting more?
WITH weighted AS (
    SELECT
        *,
        pow(0.5, (epoch_us($end::TIMESTAMPTZ) - epoch_us(started_at)) / $half_life_us) AS weight
    FROM costed_attempts($start, $end)
    WHERE deployment_id IS NOT NULL AND upstream IS DISTINCT FROM false
)
SELECT
    deployment_id,
    any_value(provider) AS provider,
    any_value(model) AS model,
    coalesce(sum(weight) FILTER (status = 'success'), 0.0) AS successes,
    coalesce(sum(weight) FILTER (provider_error), 0.0) AS failures,
    sum(weight * CAST(cost_usd AS DOUBLE)) FILTER (status = 'success')
        / nullif(sum(weight) FILTER (status = 'success' AND cost_usd IS NOT NULL), 0) AS cost_usd,
    coalesce(
        sum(weight * CAST(cost_usd AS DOUBLE)) FILTER (provider_error) / nullif(sum(weight) FILTER (provider_error), 0),
        0.0
    ) AS failure_cost_usd,
    sum(weight * latency_us) FILTER (status = 'success')
        / nullif(sum(weight) FILTER (status = 'success' AND latency_us IS NOT NULL), 0) / 1e6 AS latency_s,
    quantile_cont(latency_us, 0.95) FILTER (status = 'success') / 1e6 AS latency_p95_s,
    sum(weight * latency_us) FILTER (provider_error)
        / nullif(sum(weight) FILTER (provider_error AND latency_us IS NOT NULL), 0) / 1e6 AS failure_s
FROM weighted
GROUP BY deployment_id
ORDER BY successes + failures DESC
LIMIT $most
