-- Which attempts made up a request, in order, with time, error, tokens and cost of each?
SELECT
    started_at,
    coalesce(call_id_text, CAST(call_id AS VARCHAR)) AS call_id,
    coalesce(deployment_id, concat_ws(' / ', provider, model)) AS deployment,
    provider,
    model,
    model_group,
    upstream IS DISTINCT FROM false AS upstream,
    status,
    error_kind,
    error_class,
    error_message,
    latency_us,
    ttft_us,
    -- Of what is known; NULL where no class is.
    CAST(list_sum([
        input_tokens, cache_read_tokens, cache_write_5m_tokens, cache_write_1h_tokens, audio_input_tokens,
        image_input_tokens
    ]) AS BIGINT) AS tokens_in,
    CAST(list_sum([output_tokens, reasoning_tokens, audio_output_tokens, image_output_tokens]) AS BIGINT) AS tokens_out,
    cost_usd
FROM costed_attempts(
    coalesce($near::TIMESTAMPTZ - INTERVAL 1 DAY, make_timestamptz(0)),
    coalesce($near::TIMESTAMPTZ + INTERVAL 1 DAY, make_timestamptz(7258118400000000))
)
WHERE trace_id = id_of($request_id) OR (trace_id IS NULL AND call_id = id_of($request_id))
ORDER BY started_at, call_id
LIMIT 1000
