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
    coalesce(input_tokens, 0) + coalesce(cache_read_tokens, 0) + coalesce(cache_write_5m_tokens, 0)
        + coalesce(cache_write_1h_tokens, 0) + coalesce(audio_input_tokens, 0) + coalesce(image_input_tokens, 0)
        AS tokens_in,
    coalesce(output_tokens, 0) + coalesce(reasoning_tokens, 0) + coalesce(audio_output_tokens, 0)
        + coalesce(image_output_tokens, 0) AS tokens_out,
    cost_usd
FROM costed_attempts(
    coalesce($near::TIMESTAMPTZ - INTERVAL 1 DAY, make_timestamptz(0)),
    coalesce($near::TIMESTAMPTZ + INTERVAL 1 DAY, make_timestamptz(7258118400000000))
)
WHERE trace_id = id_of($request_id) OR (trace_id IS NULL AND call_id = id_of($request_id))
ORDER BY started_at, call_id
LIMIT 1000
