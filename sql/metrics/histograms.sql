-- How many attempts of each model fall into each bin of latency and of time to first token? The busiest by name.
WITH named AS (
    SELECT r.provider_name AS provider, r.model_name AS model, d.latency_histogram, d.ttft_histogram
    FROM reliability_day AS d
    JOIN busiest_models($most) AS r
        ON d.provider IS NOT DISTINCT FROM r.provider AND d.model IS NOT DISTINCT FROM r.model
),
bins AS (
    SELECT provider, model, 'latency' AS what, unnest(latency_histogram) AS item FROM named
    UNION ALL
    SELECT provider, model, 'ttft' AS what, unnest(ttft_histogram) AS item FROM named
)
SELECT provider, model, what, item.bin AS bin, CAST(sum(item.count) AS BIGINT) AS count
FROM bins
GROUP BY provider, model, what, item.bin
ORDER BY provider, model, what, bin
