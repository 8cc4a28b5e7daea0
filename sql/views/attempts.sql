-- What happened in each attempt, what did it cost, and who says so?
CREATE OR REPLACE VIEW views.attempts AS
SELECT
    a.* REPLACE (
        coalesce(a.call_id_text, CAST(a.call_id AS VARCHAR)) AS call_id_text,
        coalesce(a.trace_id_text, CAST(a.trace_id AS VARCHAR)) AS trace_id_text,
        -- The ledger keeps counts that equal a token column as signs; see sql/ingest/typed_attempts.
        CASE WHEN contains(a.usage, ':$') THEN
            replace(replace(replace(replace(replace(replace(replace(a.usage,
                ':$t', ':' || (t.all_input + t.all_output)),
                ':$p', ':' || t.all_input),
                ':$c', ':' || t.all_output),
                ':$k', ':' || coalesce(a.cache_read_tokens, 0)),
                ':$r', ':' || coalesce(a.reasoning_tokens, 0)),
                ':$i', ':' || coalesce(a.input_tokens, 0)),
                ':$o', ':' || coalesce(a.output_tokens, 0))
        ELSE a.usage
        END AS usage
    ),
    coalesce(a.trace_id, a.call_id) AS request_id,
    a.started_at + to_microseconds(a.latency_us) AS ended_at,
    a.latency_us / 1000.0 AS latency_ms,
    a.ttft_us / 1000.0 AS ttft_ms,
    -- Disjoint classes: their sum is what was billed. NULL only when no class is known.
    CASE WHEN coalesce(
        a.input_tokens, a.cache_read_tokens, a.cache_write_5m_tokens, a.cache_write_1h_tokens, a.audio_input_tokens,
        a.image_input_tokens, a.output_tokens, a.reasoning_tokens, a.audio_output_tokens, a.image_output_tokens
    ) IS NOT NULL THEN
        coalesce(a.input_tokens, 0) + coalesce(a.cache_read_tokens, 0) + coalesce(a.cache_write_5m_tokens, 0)
        + coalesce(a.cache_write_1h_tokens, 0) + coalesce(a.audio_input_tokens, 0)
        + coalesce(a.image_input_tokens, 0) + coalesce(a.output_tokens, 0) + coalesce(a.reasoning_tokens, 0)
        + coalesce(a.audio_output_tokens, 0) + coalesce(a.image_output_tokens, 0)
    END AS total_tokens,
    coalesce(a.provider_cost_usd, a.litellm_cost_usd) AS cost_usd,
    CASE
        WHEN a.provider_cost_usd IS NOT NULL THEN 'provider'
        WHEN a.litellm_cost_usd IS NOT NULL THEN 'litellm'
        ELSE 'none'
    END AS cost_source
FROM raw.attempts AS a,
LATERAL (
    SELECT
        coalesce(a.input_tokens, 0) + coalesce(a.cache_read_tokens, 0) + coalesce(a.cache_write_5m_tokens, 0)
            + coalesce(a.cache_write_1h_tokens, 0) + coalesce(a.audio_input_tokens, 0)
            + coalesce(a.image_input_tokens, 0) AS all_input,
        coalesce(a.output_tokens, 0) + coalesce(a.reasoning_tokens, 0) + coalesce(a.audio_output_tokens, 0)
            + coalesce(a.image_output_tokens, 0) AS all_output
) AS t;
COMMENT ON VIEW views.attempts IS
    'One row per attempt: one request handed to one deployment. Unknown cost or tokens are NULL, never 0.';
