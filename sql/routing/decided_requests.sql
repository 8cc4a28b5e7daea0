-- How did requests end whose first attempt routing chose and acted on, and what did they use?
WITH first_choices AS (
    SELECT trace_id, decided_at, decision
    FROM decisions
    WHERE
        decided_at >= $start AND decided_at < $end AND acted AND trace_id IS NOT NULL
        AND (len(CAST($model_groups AS VARCHAR[])) = 0 OR list_contains(CAST($model_groups AS VARCHAR[]), model_group))
    QUALIFY row_number() OVER (PARTITION BY trace_id ORDER BY decided_at) = 1
    ORDER BY decided_at DESC
    LIMIT $most
), ended AS (
    SELECT
        coalesce(trace_id, call_id) AS trace_id,
        -- A success without a price makes the request's cost unknown; an unbilled failure costs nothing.
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
    FROM costed_attempts($start, $end + INTERVAL 1 HOUR)
    WHERE upstream IS DISTINCT FROM false
    GROUP BY coalesce(trace_id, call_id)
)
SELECT decision, cost_usd, answered, seconds, input_tokens, output_tokens
FROM first_choices
INNER JOIN ended USING (trace_id)
ORDER BY decided_at DESC
