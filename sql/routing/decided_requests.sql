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
)
SELECT decision, cost_usd, answered, seconds, input_tokens, output_tokens
FROM first_choices
INNER JOIN traced_requests($start, $end + INTERVAL 1 HOUR) USING (trace_id)
ORDER BY decided_at DESC
