-- Which attempts lie in a span and pass the page's filters, each as a bucket of the rollup of reliability by itself?
CREATE OR REPLACE MACRO chosen_singles(
    called_by, first_at, end_at, providers, models, model_groups, deployments
) AS TABLE
SELECT
    started_at AS bucket_at,
    provider,
    CAST(upstream AS BIGINT) AS attempts,
    CAST(upstream AND status = 'success' AS BIGINT) AS succeeded,
    CAST(upstream AND status = 'failure' AS BIGINT) AS failed,
    CAST(provider_error AS BIGINT) AS provider_errors,
    CAST(upstream AND status IN ('cancelled', 'abandoned') AS BIGINT) AS given_up,
    CAST(NOT upstream AND status = 'failure' AS BIGINT) AS rejected,
    CASE
        WHEN upstream AND status = 'failure'
            THEN [{'kind': coalesce(error_kind, 'unknown'), 'count': CAST(1 AS BIGINT)}]
    END AS errors,
    CASE WHEN upstream AND status = 'success' THEN histogram_of(latency_us) END AS latency_histogram,
    CASE WHEN upstream THEN histogram_of(ttft_us) END AS ttft_histogram,
    CASE
        WHEN upstream AND status = 'success' AND latency_us > 0 AND written > 0
            THEN histogram_of(written * 1000000000 // latency_us)
    END AS speed_histogram,
    cost_usd,
    CAST(cost_usd IS NOT NULL AS BIGINT) AS priced,
    CAST(has_usage AND cost_usd IS NULL AS BIGINT) AS unpriced,
    CASE WHEN status <> 'success' THEN cost_usd END AS wasted_usd,
    name_by(called_by, provider, model, model_group, deployment_id) AS name
FROM (
    SELECT
        *,
        coalesce(output_tokens, 0) + coalesce(reasoning_tokens, 0) + coalesce(audio_output_tokens, 0)
        + coalesce(image_output_tokens, 0) AS written
    FROM chosen_attempts(first_at, end_at, providers, models, model_groups, deployments, [], [], [])
)
WHERE chosen;
