-- What makes up the moves that were made in a span: hours, minutes around them, and at its ends single moves?
CREATE OR REPLACE MACRO moved_stretches(
    first_at, minutes_at, hours_at, hours_end, minutes_end, end_at
) AS TABLE
WITH singles AS (
    SELECT * FROM moves(first_at, minutes_at) WHERE moved_at >= first_at AND moved_at < minutes_at
    UNION ALL
    SELECT * FROM moves(minutes_end, end_at) WHERE moved_at >= minutes_end AND moved_at < end_at
)

SELECT *
FROM hours_and_minutes('moves_minute', 'moves_hour', minutes_at, hours_at, hours_end, minutes_end)
UNION ALL BY NAME
SELECT
    moved_at AS bucket_at,
    moved_from,
    moved_to,
    provider,
    model,
    model_group,
    to_model_group,
    CAST(1 AS BIGINT) AS moves,
    CAST(served AS BIGINT) AS served,
    failed_attempts,
    added_us,
    CAST(served AND served_usd IS NULL AS BIGINT) AS unpriced,
    [{'kind': reason, 'count': CAST(1 AS BIGINT)}] AS reasons,
    wasted_usd,
    served_usd,
    CASE WHEN served_usd IS NOT NULL THEN input_tokens END AS input_tokens,
    CASE WHEN served_usd IS NOT NULL THEN cache_read_tokens END AS cache_read_tokens,
    CASE WHEN served_usd IS NOT NULL THEN cache_write_5m_tokens END AS cache_write_5m_tokens,
    CASE WHEN served_usd IS NOT NULL THEN cache_write_1h_tokens END AS cache_write_1h_tokens,
    CASE WHEN served_usd IS NOT NULL THEN audio_input_tokens END AS audio_input_tokens,
    CASE WHEN served_usd IS NOT NULL THEN image_input_tokens END AS image_input_tokens,
    CASE WHEN served_usd IS NOT NULL THEN output_tokens END AS output_tokens,
    CASE WHEN served_usd IS NOT NULL THEN reasoning_tokens END AS reasoning_tokens,
    CASE WHEN served_usd IS NOT NULL THEN audio_output_tokens END AS audio_output_tokens,
    CASE WHEN served_usd IS NOT NULL THEN image_output_tokens END AS image_output_tokens
FROM singles;
