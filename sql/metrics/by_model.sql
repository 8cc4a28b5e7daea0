-- What has each model had so far: attempts by outcome, tokens and cost? The busiest by name, all others together.
WITH ranked AS (
    SELECT provider, model, row_number() OVER (ORDER BY sum(attempts) DESC, provider, model) AS place
    FROM reliability_day
    GROUP BY provider, model
),
named AS (
    SELECT
        d.*,
        if(r.place <= $most, coalesce(d.provider, ''), 'other') AS provider_name,
        if(r.place <= $most, coalesce(d.model, ''), 'other') AS model_name
    FROM reliability_day AS d
    JOIN ranked AS r ON d.provider IS NOT DISTINCT FROM r.provider AND d.model IS NOT DISTINCT FROM r.model
)
SELECT
    provider_name AS provider,
    model_name AS model,
    CAST(sum(succeeded) AS BIGINT) AS success,
    CAST(sum(failed) AS BIGINT) AS failure,
    CAST(sum(given_up) AS BIGINT) AS given_up,
    CAST(sum(provider_errors) AS BIGINT) AS provider_errors,
    CAST(sum(unpriced) AS BIGINT) AS unpriced,
    CAST(sum(latency_us) AS BIGINT) / 1e6 AS latency_s,
    CAST(sum(latency_count) AS BIGINT) AS latency_count,
    CAST(coalesce(sum(ttft_us), 0) AS BIGINT) / 1e6 AS ttft_s,
    coalesce(sum(cost_usd), 0) AS cost_usd
FROM named
GROUP BY provider_name, model_name
ORDER BY provider_name, model_name
