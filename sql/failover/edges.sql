-- From which deployment to which did requests move after a failure: how often, why, and at what cost in time and dollars?
-- Told to be read once, since the moves at both ends are followed attempt by attempt.
WITH chosen AS MATERIALIZED (
    SELECT *
    FROM moved_stretches($start, $minutes_at, $hours_at, $hours_end, $minutes_end, $end)
    WHERE
        (len($providers::VARCHAR[]) = 0 OR list_contains($providers::VARCHAR[], provider))
        AND (len($models::VARCHAR[]) = 0 OR list_contains($models::VARCHAR[], model))
        AND (len($model_groups::VARCHAR[]) = 0 OR list_contains($model_groups::VARCHAR[], model_group))
        AND (len($deployments::VARCHAR[]) = 0 OR list_contains($deployments::VARCHAR[], moved_from))
),
reasons AS (
    SELECT moved_from, moved_to, arg_max(kind, (n, kind)) AS reason
    FROM (
        SELECT moved_from, moved_to, item.kind AS kind, sum(item.count) AS n
        FROM (SELECT moved_from, moved_to, unnest(reasons) AS item FROM chosen)
        GROUP BY moved_from, moved_to, kind
    )
    GROUP BY moved_from, moved_to
)
SELECT
    c.moved_from,
    c.moved_to,
    arg_max(c.provider, c.bucket_at) AS provider,
    arg_max(c.model, c.bucket_at) AS model,
    CAST(sum(c.moves) AS BIGINT) AS moves,
    any_value(r.reason) AS reason,
    CAST(sum(c.served) AS BIGINT) AS served,
    CAST(sum(c.failed_attempts) AS BIGINT) AS failed_attempts,
    CAST(sum(c.added_us) AS BIGINT) AS added_us,
    sum(c.wasted_usd) AS wasted_usd,
    sum(c.served_usd) AS served_usd,
    CAST(sum(c.unpriced) AS BIGINT) AS unpriced,
    CAST(sum(c.input_tokens) AS BIGINT) AS input_tokens,
    CAST(sum(c.cache_read_tokens) AS BIGINT) AS cache_read_tokens,
    CAST(sum(c.cache_write_5m_tokens) AS BIGINT) AS cache_write_5m_tokens,
    CAST(sum(c.cache_write_1h_tokens) AS BIGINT) AS cache_write_1h_tokens,
    CAST(sum(c.audio_input_tokens) AS BIGINT) AS audio_input_tokens,
    CAST(sum(c.image_input_tokens) AS BIGINT) AS image_input_tokens,
    CAST(sum(c.output_tokens) AS BIGINT) AS output_tokens,
    CAST(sum(c.reasoning_tokens) AS BIGINT) AS reasoning_tokens,
    CAST(sum(c.audio_output_tokens) AS BIGINT) AS audio_output_tokens,
    CAST(sum(c.image_output_tokens) AS BIGINT) AS image_output_tokens
FROM chosen AS c
LEFT JOIN reasons AS r ON c.moved_from = r.moved_from AND c.moved_to = r.moved_to
GROUP BY c.moved_from, c.moved_to
ORDER BY moves DESC, c.moved_from, c.moved_to
LIMIT $rows
