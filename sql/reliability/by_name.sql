-- How did each provider, model, group or deployment fare over a span of time, how fast was it, and what did failing cost?
WITH chosen AS (
    SELECT *
    FROM chosen_stretches(
        $by, $start, $minutes_at, $hours_at, $days_at, $days_end, $hours_end, $minutes_end, $end,
        $providers, $models, $model_groups, $deployments
    )
),
items AS (
    SELECT name, 'latency' AS measure, unnest(latency_histogram) AS item FROM chosen
    UNION ALL
    SELECT name, 'ttft', unnest(ttft_histogram) FROM chosen
    UNION ALL
    SELECT name, 'speed', unnest(speed_histogram) FROM chosen
),
bins AS (
    SELECT name, measure, item.bin AS bin, sum(item.count) AS n FROM items GROUP BY name, measure, bin
),
ranked AS (
    SELECT
        name,
        measure,
        bin,
        sum(n) OVER (PARTITION BY name, measure ORDER BY bin) AS up_to,
        sum(n) OVER (PARTITION BY name, measure) AS total
    FROM bins
),
quantiles AS (
    SELECT
        name,
        bin_value(min(bin) FILTER (measure = 'latency' AND up_to > floor(0.5 * (total - 1)))) AS latency_p50_us,
        bin_value(min(bin) FILTER (measure = 'latency' AND up_to > floor(0.95 * (total - 1)))) AS latency_p95_us,
        bin_value(min(bin) FILTER (measure = 'ttft' AND up_to > floor(0.95 * (total - 1)))) AS ttft_p95_us,
        bin_value(min(bin) FILTER (measure = 'speed' AND up_to > floor(0.5 * (total - 1)))) / 1000 AS tokens_per_s
    FROM ranked
    GROUP BY name
),
sums AS (
    SELECT
        name,
        CAST(sum(attempts) AS BIGINT) AS attempts,
        CAST(sum(succeeded) AS BIGINT) AS succeeded,
        CAST(sum(failed) AS BIGINT) AS failed,
        CAST(sum(provider_errors) AS BIGINT) AS provider_errors,
        CAST(sum(given_up) AS BIGINT) AS given_up,
        sum(cost_usd) AS cost_usd,
        sum(wasted_usd) AS wasted_usd,
        sum(priced) / nullif(sum(priced) + sum(unpriced), 0) AS priced_share
    FROM chosen
    GROUP BY name
)
SELECT s.*, q.* EXCLUDE (name)
FROM sums AS s
LEFT JOIN quantiles AS q ON s.name IS NOT DISTINCT FROM q.name
ORDER BY s.attempts DESC, s.name
