-- What was recorded of the calls of some providers in a span of time, by day and model: once, twice, with what is known?
-- A copy is an attempt whose answer an earlier attempt has already; days are those on which a call began and ended, in UTC.
WITH sent AS (
    SELECT
        *,
        epoch_us(started_at) // 86400000000 AS started_day,
        epoch_us(coalesce(ended_at, started_at)) // 86400000000 AS ended_day,
        response_id IS NOT NULL
        AND row_number() OVER (PARTITION BY provider, response_id ORDER BY started_at, call_id) > 1 AS is_copy,
        CASE
            WHEN cost_usd IS NOT NULL THEN 'priced'
            WHEN status = 'success' OR tokens_source = 'reported' THEN 'unpriced'
            ELSE 'failed'
        END AS kind
    FROM attempts
    WHERE
        started_at >= make_timestamptz($since_us) AND started_at < make_timestamptz($until_us)
        AND upstream IS DISTINCT FROM false
        AND list_contains(CAST($providers AS VARCHAR[]), provider)
)

SELECT
    provider,
    model,
    served_model,
    started_day,
    ended_day,
    is_copy,
    kind,
    count(*) AS calls,
    coalesce(sum(cost_usd), 0) AS cost_usd,
    sum(high_cost_usd) FILTER (kind = 'failed') AS high_usd,
    CAST(coalesce(sum(input_tokens), 0) AS BIGINT) AS input,
    CAST(coalesce(sum(cache_read_tokens), 0) AS BIGINT) AS cache_read,
    CAST(coalesce(sum(cache_write_5m_tokens), 0) AS BIGINT) AS cache_write_5m,
    CAST(coalesce(sum(cache_write_1h_tokens), 0) AS BIGINT) AS cache_write_1h,
    CAST(coalesce(sum(audio_input_tokens), 0) AS BIGINT) AS audio_input,
    CAST(coalesce(sum(image_input_tokens), 0) AS BIGINT) AS image_input,
    CAST(coalesce(sum(output_tokens), 0) AS BIGINT) AS output,
    CAST(coalesce(sum(reasoning_tokens), 0) AS BIGINT) AS reasoning,
    CAST(coalesce(sum(audio_output_tokens), 0) AS BIGINT) AS audio_output,
    CAST(coalesce(sum(image_output_tokens), 0) AS BIGINT) AS image_output
FROM sent
GROUP BY ALL
ORDER BY ALL
