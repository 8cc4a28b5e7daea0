-- What happened in each attempt, what did it cost, and who says so?
CREATE OR REPLACE VIEW views.attempts AS
SELECT
    a.* EXCLUDE (high_cost_usd, all_input, all_output) REPLACE (
        coalesce(a.call_id_text, CAST(a.call_id AS VARCHAR)) AS call_id_text,
        coalesce(a.trace_id_text, CAST(a.trace_id AS VARCHAR)) AS trace_id_text,
        -- The ledger keeps counts that equal a token column as signs; see sql/ingest/typed_attempts.
        CASE WHEN contains(a.usage, ':$') THEN
            replace(replace(replace(replace(replace(replace(replace(a.usage,
                ':$t', ':' || (a.all_input + a.all_output)),
                ':$p', ':' || a.all_input),
                ':$c', ':' || a.all_output),
                ':$k', ':' || coalesce(a.cache_read_tokens, 0)),
                ':$r', ':' || coalesce(a.reasoning_tokens, 0)),
                ':$i', ':' || coalesce(a.input_tokens, 0)),
                ':$o', ':' || coalesce(a.output_tokens, 0))
        ELSE a.usage
        END AS usage
    ),
    coalesce(a.trace_id, a.call_id) AS request_id,
    coalesce(a.metadata ->> '$.application', a.metadata ->> '$.app') AS application,
    -- The provider cannot answer for a request that no provider could have served.
    a.upstream IS DISTINCT FROM false AND a.status = 'failure'
        AND coalesce(a.error_kind, 'unknown') NOT IN ('bad_request', 'context_window', 'content_policy', 'rejected')
        AS provider_error,
    a.started_at + to_microseconds(a.latency_us) AS ended_at,
    a.latency_us / 1000.0 AS latency_ms,
    a.ttft_us / 1000.0 AS ttft_ms,
    -- Disjoint classes: their sum is what was billed. NULL only when no class is known.
    CASE WHEN coalesce(
        a.input_tokens, a.cache_read_tokens, a.cache_write_5m_tokens, a.cache_write_1h_tokens, a.audio_input_tokens,
        a.image_input_tokens, a.output_tokens, a.reasoning_tokens, a.audio_output_tokens, a.image_output_tokens
    ) IS NOT NULL THEN
        coalesce(a.input_tokens, 0) + coalesce(a.cache_read_tokens, 0) + coalesce(a.cache_write_5m_tokens, 0)
        + coalesce(a.cache_write_1h_tokens, 0) + coalesce(a.audio_input_tokens, 0)
        + coalesce(a.image_input_tokens, 0) + coalesce(a.output_tokens, 0) + coalesce(a.reasoning_tokens, 0)
        + coalesce(a.audio_output_tokens, 0) + coalesce(a.image_output_tokens, 0)
    END AS total_tokens,
    -- What the price book said when the row was written.
    CASE WHEN a.book_agrees THEN a.litellm_cost_usd ELSE a.book_cost_usd END AS booked_by_book_usd,
    CASE
        WHEN a.status = 'success' OR a.tokens_source = 'reported'
            THEN coalesce(a.provider_cost_usd, a.book_cost_usd, a.litellm_cost_usd)
        ELSE a.provider_cost_usd
    END AS booked_cost_usd,
    coalesce(a.adjusted_usd, booked_cost_usd) AS cost_usd,
    CASE
        WHEN a.adjusted_usd IS NOT NULL THEN 'adjusted'
        WHEN booked_cost_usd IS NULL THEN 'none'
        WHEN a.provider_cost_usd IS NOT NULL THEN 'provider'
        WHEN a.book_agrees OR a.book_cost_usd IS NOT NULL THEN 'price_book'
        ELSE 'litellm'
    END AS cost_source,
    -- Of a call that broke off before its usage arrived, the cost lies between these; NULL is no bound known.
    CASE
        WHEN cost_usd IS NOT NULL THEN cost_usd
        WHEN a.upstream IS DISTINCT FROM false AND (
            a.status IN ('cancelled', 'abandoned')
            OR a.error_kind IN ('timeout', 'network', 'cancelled', 'client_disconnect')
            OR a.ttft_us IS NOT NULL
        ) THEN 0
    END AS low_cost_usd,
    coalesce(cost_usd, a.high_cost_usd) AS high_cost_usd
FROM (
    SELECT
        *,
        coalesce(input_tokens, 0) + coalesce(cache_read_tokens, 0) + coalesce(cache_write_5m_tokens, 0)
        + coalesce(cache_write_1h_tokens, 0) + coalesce(audio_input_tokens, 0) + coalesce(image_input_tokens, 0)
        AS all_input,
        coalesce(output_tokens, 0) + coalesce(reasoning_tokens, 0) + coalesce(audio_output_tokens, 0)
        + coalesce(image_output_tokens, 0) AS all_output
    FROM raw.attempts
) AS a;
COMMENT ON VIEW views.attempts IS
    'One row per attempt: one request handed to one deployment. Unknown cost or tokens are NULL, never 0.';
