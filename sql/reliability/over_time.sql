-- How did each provider, model, group or deployment fare in each stretch of time?
WITH chosen AS (
    SELECT *, epoch_us(bucket_at) // $width_us * $width_us AS at_us
    FROM chosen_stretches(
        $by, $start, $minutes_at, $hours_at, $days_at, $days_end, $hours_end, $minutes_end, $end,
        $providers, $models, $model_groups, $deployments
    )
),
items AS (
    SELECT at_us, name, 'latency' AS measure, unnest(latency_histogram) AS item FROM chosen
    UNION ALL
    SELECT at_us, name, 'ttft', unnest(ttft_histogram) FROM chosen
),
bins AS (
    SELECT at_us, name, measure, item.bin AS bin, sum(item.count) AS n FROM items GROUP BY at_us, name, measure, bin
),
ranked AS (
    SELECT
        at_us,
        name,
        measure,
        bin,
        sum(n) OVER (PARTITION BY at_us, name, measure ORDER BY bin) AS up_to,
        sum(n) OVER (PARTITION BY at_us, name, measure) AS total
    FROM bins
),
latency AS (
    SELECT
        at_us,
        name,
        bin_value(min(bin) FILTER (measure = 'latency' AND up_to > floor(0.5 * (total - 1)))) AS latency_p50_us,
        bin_value(min(bin) FILTER (measure = 'latency' AND up_to > floor(0.95 * (total - 1)))) AS latency_p95_us,
        bin_value(min(bin) FILTER (measure = 'ttft' AND up_to > floor(0.95 * (total - 1)))) AS ttft_p95_us
    FROM ranked
    GROUP BY at_us, name
),
sums AS (
    SELECT
        at_us,
        name,
        CAST(sum(attempts) AS BIGINT) AS attempts,
        CAST(sum(succeeded) + sum(failed) AS BIGINT) AS ended,
        CAST(sum(provider_errors) AS BIGINT) AS provider_errors
    FROM chosen
    GROUP BY at_us, name
)
SELECT s.*, l.latency_p50_us, l.latency_p95_us, l.ttft_p95_us
FROM sums AS s
LEFT JOIN latency AS l ON s.at_us = l.at_us AND s.name IS NOT DISTINCT FROM l.name
ORDER BY s.at_us, s.name
