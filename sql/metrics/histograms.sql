-- How many attempts of each model fall into each bin of latency and of time to first token? The busiest by name.
WITH ranked AS (
    SELECT provider, model, row_number() OVER (ORDER BY sum(attempts) DESC, provider, model) AS place
    FROM reliability_day
    GROUP BY provider, model
),
named AS (
    SELECT
        if(r.place <= $most, coalesce(d.provider, ''), 'other') AS provider,
        if(r.place <= $most, coalesce(d.model, ''), 'other') AS model,
        d.latency_histogram,
        d.ttft_histogram,
        d.ttft_us
    FROM reliability_day AS d
    JOIN ranked AS r ON d.provider IS NOT DISTINCT FROM r.provider AND d.model IS NOT DISTINCT FROM r.model
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
