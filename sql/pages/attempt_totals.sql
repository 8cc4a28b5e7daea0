-- What did the attempts of a period and of the equal period before it cost, use and take, and how did they end?
-- One row per period that has attempts. Unknown cost is NULL and counted, never zero.
WITH seen AS (
    SELECT *
    FROM chosen_attempts(
        $previous_start, $end, $providers, $models, $model_groups, $deployments, $teams, $users, $tags
    )
    WHERE chosen
)

SELECT
    started_at >= $start AS is_current,
    sum(cost_usd) AS spent_usd,
    count(*) FILTER (has_usage) AS with_tokens,
    count(*) FILTER (has_usage AND cost_usd IS NULL) AS unpriced,
    count(*) FILTER (upstream) AS attempts,
    count(*) FILTER (upstream AND status = 'success') AS succeeded,
    count(*) FILTER (upstream AND status = 'failure') AS failed,
    count(*) FILTER (provider_error) AS provider_errors,
    quantile_cont(latency_us, 0.95) FILTER (upstream AND status = 'success') AS latency_p95_us,
    quantile_cont(ttft_us, [0.5, 0.95]) FILTER (upstream) AS ttft_us,
    CAST(sum(input_tokens) AS BIGINT) AS input_tokens,
    CAST(sum(cache_read_tokens) AS BIGINT) AS cache_read_tokens,
    CAST(sum(cache_write_5m_tokens) AS BIGINT) AS cache_write_5m_tokens,
    CAST(sum(cache_write_1h_tokens) AS BIGINT) AS cache_write_1h_tokens,
    CAST(sum(audio_input_tokens) AS BIGINT) AS audio_input_tokens,
    CAST(sum(image_input_tokens) AS BIGINT) AS image_input_tokens,
    CAST(sum(output_tokens) AS BIGINT) AS output_tokens,
    CAST(sum(reasoning_tokens) AS BIGINT) AS reasoning_tokens,
    CAST(sum(audio_output_tokens) AS BIGINT) AS audio_output_tokens,
    CAST(sum(image_output_tokens) AS BIGINT) AS image_output_tokens
FROM seen
GROUP BY is_current;
