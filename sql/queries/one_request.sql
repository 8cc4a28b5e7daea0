-- What happened in one request: its attempts in order? Give its id with -p id=...
-- id =
SELECT
    started_at, latency_ms, provider, model, deployment_id, status, error_kind, error_message, retry, fallback_depth,
    total_tokens, cost_usd, cost_source
FROM attempts
WHERE trace_id_text = $id OR call_id_text = $id OR CAST(request_id AS VARCHAR) = $id
ORDER BY started_at
