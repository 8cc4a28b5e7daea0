-- How did requests end whose attempts lie in a span of time, and what did each cost and use?
-- One row per trace. A success without a price makes its cost unknown; a failure that was not billed costs nothing.
CREATE OR REPLACE MACRO traced_requests(first_at, end_at) AS TABLE
SELECT
    coalesce(trace_id, call_id) AS trace_id,
    CASE WHEN count(*) FILTER (status = 'success' AND cost_usd IS NULL) = 0
        THEN coalesce(sum(CAST(cost_usd AS DOUBLE)), 0.0)
    END AS cost_usd,
    bool_or(status = 'success') AS answered,
    (max(epoch_us(started_at) + coalesce(latency_us, 0)) - min(epoch_us(started_at))) / 1e6 AS seconds,
    max(
        coalesce(input_tokens, 0) + coalesce(cache_read_tokens, 0) + coalesce(cache_write_5m_tokens, 0)
        + coalesce(cache_write_1h_tokens, 0)
    ) FILTER (status = 'success') AS input_tokens,
    max(coalesce(output_tokens, 0) + coalesce(reasoning_tokens, 0)) FILTER (status = 'success') AS output_tokens
FROM costed_attempts(first_at, end_at)
WHERE upstream IS DISTINCT FROM false
GROUP BY coalesce(trace_id, call_id);
