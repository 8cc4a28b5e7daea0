-- When did requests move from a deployment that failed them to another, why, and what did that cost in time and dollars?
-- One row per move. Attempts in a row at one deployment are taken together, retries included; moved_at is the start of
-- the first one at the next deployment, and of either side an hour counts. Whoever asks narrows moved_at.
CREATE OR REPLACE MACRO moves(first_at, end_at) AS TABLE
WITH handed AS (
    SELECT
        *,
        deployment IS DISTINCT FROM lag(deployment) OVER request AS is_first
    FROM chained_attempts(first_at, end_at, only_setbacks := true)
    WHERE upstream
    WINDOW request AS (PARTITION BY request_id, part ORDER BY place)
),

numbered AS (
    SELECT
        *,
        count(*) FILTER (is_first) OVER request AS run,
        max(CASE WHEN is_first THEN started_at END) OVER request AS came_at,
        min(CASE WHEN is_first THEN started_at END) OVER later AS left_at
    FROM handed
    WINDOW
        request AS (
            PARTITION BY request_id, part ORDER BY place
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ),
        later AS (
            PARTITION BY request_id, part ORDER BY place
            ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
        )
),

bounded AS (
    SELECT
        *,
        left_at IS NULL OR started_at >= left_at - INTERVAL 1 HOUR AS is_recent,
        -- A success ends its request, so there is at most one.
        status = 'success' AND started_at <= came_at + INTERVAL 1 HOUR AS serves
    FROM numbered
),

runs AS (
    SELECT
        request_id,
        part,
        run,
        came_at,
        any_value(left_at) AS left_at,
        any_value(deployment) AS deployment,
        arg_max(provider, place) AS provider,
        arg_max(model, place) AS model,
        arg_max(model_group, place) AS model_group,
        arg_max(status, place) AS status,
        arg_max(coalesce(error_kind, 'unknown'), place) AS reason,
        min(started_at) FILTER (is_recent) AS tried_at,
        count(*) FILTER (is_recent) AS attempts,
        sum(cost_usd) FILTER (is_recent) AS cost_usd,
        bool_or(serves) AS served,
        sum(cost_usd) FILTER (serves) AS served_usd,
        any_value(input_tokens) FILTER (serves) AS input_tokens,
        any_value(cache_read_tokens) FILTER (serves) AS cache_read_tokens,
        any_value(cache_write_5m_tokens) FILTER (serves) AS cache_write_5m_tokens,
        any_value(cache_write_1h_tokens) FILTER (serves) AS cache_write_1h_tokens,
        any_value(audio_input_tokens) FILTER (serves) AS audio_input_tokens,
        any_value(image_input_tokens) FILTER (serves) AS image_input_tokens,
        any_value(output_tokens) FILTER (serves) AS output_tokens,
        any_value(reasoning_tokens) FILTER (serves) AS reasoning_tokens,
        any_value(audio_output_tokens) FILTER (serves) AS audio_output_tokens,
        any_value(image_output_tokens) FILTER (serves) AS image_output_tokens
    FROM bounded
    GROUP BY request_id, part, run, came_at
)
,

followed AS (
    SELECT
        *,
        lead(deployment) OVER request AS moved_to,
        lead(model_group) OVER request AS to_model_group,
        lead(served) OVER request AS was_served,
        lead(served_usd) OVER request AS to_usd,
        lead(input_tokens) OVER request AS to_input_tokens,
        lead(cache_read_tokens) OVER request AS to_cache_read_tokens,
        lead(cache_write_5m_tokens) OVER request AS to_cache_write_5m_tokens,
        lead(cache_write_1h_tokens) OVER request AS to_cache_write_1h_tokens,
        lead(audio_input_tokens) OVER request AS to_audio_input_tokens,
        lead(image_input_tokens) OVER request AS to_image_input_tokens,
        lead(output_tokens) OVER request AS to_output_tokens,
        lead(reasoning_tokens) OVER request AS to_reasoning_tokens,
        lead(audio_output_tokens) OVER request AS to_audio_output_tokens,
        lead(image_output_tokens) OVER request AS to_image_output_tokens
    FROM runs
    WINDOW request AS (PARTITION BY request_id, part ORDER BY run)
)

SELECT
    request_id,
    left_at AS moved_at,
    deployment AS moved_from,
    moved_to,
    provider,
    model,
    model_group,
    to_model_group,
    reason,
    attempts AS failed_attempts,
    epoch_us(left_at) - epoch_us(tried_at) AS added_us,
    cost_usd AS wasted_usd,
    was_served AS served,
    to_usd AS served_usd,
    to_input_tokens AS input_tokens,
    to_cache_read_tokens AS cache_read_tokens,
    to_cache_write_5m_tokens AS cache_write_5m_tokens,
    to_cache_write_1h_tokens AS cache_write_1h_tokens,
    to_audio_input_tokens AS audio_input_tokens,
    to_image_input_tokens AS image_input_tokens,
    to_output_tokens AS output_tokens,
    to_reasoning_tokens AS reasoning_tokens,
    to_audio_output_tokens AS audio_output_tokens,
    to_image_output_tokens AS image_output_tokens
FROM followed
WHERE status = 'failure' AND moved_to IS NOT NULL;
