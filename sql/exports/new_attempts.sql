-- Which attempts has the ledger beyond what was sent, in the order in which they came in?
SELECT
    seq, call_id_text, request_id, epoch_us(started_at) AS started_us, latency_us, ttft_us, provider, model,
    served_model, call_type, streaming, status, error_kind, error_code, error_message, response_id, session_id, user_id,
    input_tokens, cache_read_tokens, cache_write_5m_tokens, cache_write_1h_tokens, audio_input_tokens,
    image_input_tokens, output_tokens, reasoning_tokens, audio_output_tokens, image_output_tokens, cost_usd
FROM views.attempts
WHERE seq > $seq AND upstream IS DISTINCT FROM false
ORDER BY seq
LIMIT $most
