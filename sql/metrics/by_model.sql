-- What has each model had so far: attempts by outcome, tokens and cost? The busiest by name, all others together.
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
FROM reliability_day AS d
JOIN busiest_models($most) AS r ON d.provider IS NOT DISTINCT FROM r.provider AND d.model IS NOT DISTINCT FROM r.model
GROUP BY provider_name, model_name
ORDER BY provider_name, model_name
