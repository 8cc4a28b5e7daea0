-- What was recorded of the attempts that reached a provider since a moment, as the comparison needs it?
SELECT
    seq, call_id_text, request_id::VARCHAR AS request_id, epoch_us(started_at) AS started_us,
    epoch_us(ended_at) AS ended_us, api_base, deployment_id, provider, model, coalesce(streaming, false) AS streaming, status,
    error_kind, error_code, response_id, tokens_source,
    coalesce(input_tokens, 0) AS input, coalesce(cache_read_tokens, 0) AS cache_read,
    coalesce(cache_write_5m_tokens, 0) AS cache_write_5m, coalesce(cache_write_1h_tokens, 0) AS cache_write_1h,
    coalesce(audio_input_tokens, 0) AS audio_input, coalesce(output_tokens, 0) AS output,
    coalesce(reasoning_tokens, 0) AS reasoning, coalesce(audio_output_tokens, 0) AS audio_output,
    coalesce(image_output_tokens, 0) AS image_output,
    input_tokens_high, output_tokens_high,
    CAST(cost_usd * 1000000000000 AS BIGINT) AS cost_pusd
FROM attempts
WHERE started_at >= make_timestamptz($since_us) AND upstream IS NOT false
ORDER BY seq
