-- How have deployments fared lately, with recent attempts counting more, by time and by how many came after?
-- routing/evidence.py weighs a process' own attempts alike. A rate limit says when to ask again, not how reliable it is.
WITH ranked AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY deployment_id ORDER BY started_at DESC) - 1 AS newer,
        coalesce(input_tokens, 0) + coalesce(cache_read_tokens, 0) + coalesce(cache_write_5m_tokens, 0)
            + coalesce(cache_write_1h_tokens, 0) AS prompt_tokens
    FROM costed_attempts($start, $end)
    WHERE
        deployment_id IS NOT NULL
        AND upstream IS DISTINCT FROM false
        AND (status = 'success' OR (provider_error AND error_kind IS DISTINCT FROM 'rate_limit'))
), weighted AS (
    SELECT
        *,
        pow(
            0.5,
            (epoch_us($end::TIMESTAMPTZ) - epoch_us(started_at)) / $half_life_us + newer / $half_life_attempts
        ) AS weight
    FROM ranked
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
        sum(weight * CAST(cost_usd AS DOUBLE)) FILTER (status = 'success' AND litellm_cost_usd > 0)
        / nullif(
            sum(weight * CAST(litellm_cost_usd AS DOUBLE)) FILTER (status = 'success' AND cost_usd IS NOT NULL), 0
        ),
        1.0
    ) AS discount,
    coalesce(
        sum(weight * coalesce(cache_read_tokens, 0)) FILTER (status = 'success')
        / nullif(sum(weight * prompt_tokens) FILTER (status = 'success'), 0),
        0.0
    ) AS cache_share,
    sum(weight * (coalesce(output_tokens, 0) + coalesce(reasoning_tokens, 0)))
        FILTER (status = 'success' AND output_tokens IS NOT NULL)
        / nullif(sum(weight) FILTER (status = 'success' AND output_tokens IS NOT NULL), 0) AS output_tokens,
    coalesce(
        sum(weight * CAST(cost_usd AS DOUBLE)) FILTER (provider_error) / nullif(sum(weight) FILTER (provider_error), 0),
        0.0
    ) AS failure_cost_usd,
    sum(weight * latency_us) FILTER (status = 'success')
        / nullif(sum(weight) FILTER (status = 'success' AND latency_us IS NOT NULL), 0) / 1e6 AS latency_s,
    exp(
        sum(weight * ln(greatest(latency_us, 1) / 1e6)) FILTER (status = 'success' AND latency_us > 0)
        / nullif(sum(weight) FILTER (status = 'success' AND latency_us > 0), 0)
    ) AS latency_p50_s,
    lognormal_p95(
        sum(weight) FILTER (status = 'success' AND latency_us > 0),
        sum(weight * ln(greatest(latency_us, 1) / 1e6)) FILTER (status = 'success' AND latency_us > 0),
        sum(weight * pow(ln(greatest(latency_us, 1) / 1e6), 2)) FILTER (status = 'success' AND latency_us > 0),
        $fewest
    ) AS latency_p95_s,
    lognormal_p95(
        sum(weight) FILTER (status = 'success' AND ttft_us > 0),
        sum(weight * ln(greatest(ttft_us, 1) / 1e6)) FILTER (status = 'success' AND ttft_us > 0),
        sum(weight * pow(ln(greatest(ttft_us, 1) / 1e6), 2)) FILTER (status = 'success' AND ttft_us > 0),
        $fewest
    ) AS ttft_p95_s,
    sum(weight * latency_us) FILTER (provider_error)
        / nullif(sum(weight) FILTER (provider_error AND latency_us IS NOT NULL), 0) / 1e6 AS failure_s
FROM weighted
GROUP BY deployment_id
ORDER BY successes + failures DESC
LIMIT $most
