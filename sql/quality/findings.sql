-- What of a stretch of time cannot be fully trusted, by kind, provider and model?
WITH here AS (
    SELECT
        *,
        CASE WHEN book_agrees THEN litellm_cost_usd ELSE book_cost_usd END AS book_usd,
        coalesce(
            input_tokens, cache_read_tokens, cache_write_5m_tokens, cache_write_1h_tokens, audio_input_tokens,
            image_input_tokens, output_tokens, reasoning_tokens, audio_output_tokens, image_output_tokens
        ) IS NOT NULL AS has_tokens,
        has_tokens OR units IS NOT NULL AS has_usage,
        coalesce(input_tokens, 0) + coalesce(cache_read_tokens, 0) + coalesce(cache_write_5m_tokens, 0)
            + coalesce(cache_write_1h_tokens, 0) + coalesce(audio_input_tokens, 0) + coalesce(image_input_tokens, 0)
            + coalesce(output_tokens, 0) + coalesce(reasoning_tokens, 0) + coalesce(audio_output_tokens, 0)
            + coalesce(image_output_tokens, 0) AS tokens
    FROM costed_attempts($start, $end)
),

of_attempts AS (
    SELECT 'unpriced' AS kind, provider, model, tokens, NULL::DECIMAL(18, 12) AS amount_usd
    FROM here
    WHERE has_usage AND cost_usd IS NULL
    UNION ALL
    SELECT 'without_usage', provider, model, NULL, NULL
    FROM here
    WHERE NOT has_usage AND cost_usd IS NULL AND status = 'success' AND upstream IS DISTINCT FROM false
    UNION ALL
    SELECT 'estimated', provider, model, tokens, cost_usd FROM here WHERE has_tokens AND tokens_source = 'estimated'
    UNION ALL
    SELECT 'broke_off', provider, model, NULL, high_cost_usd
    FROM here
    WHERE cost_usd IS NULL AND high_cost_usd IS NOT NULL
    UNION ALL
    SELECT 'book_not_litellm', provider, model, tokens, book_usd - litellm_cost_usd
    FROM here
    WHERE status = 'success' AND book_usd <> litellm_cost_usd
    UNION ALL
    SELECT 'provider_not_book', provider, model, tokens, provider_cost_usd - book_usd
    FROM here
    WHERE status = 'success' AND provider_cost_usd <> book_usd
    UNION ALL
    SELECT 'recorded_twice', provider, model, tokens, cost_usd
    FROM here
    WHERE response_id IS NOT NULL AND upstream IS DISTINCT FROM false
    QUALIFY row_number() OVER (PARTITION BY provider, response_id ORDER BY started_at, call_id) > 1
    UNION ALL
    SELECT 'without_end', provider, model, tokens, cost_usd FROM here WHERE NOT coalesce(final, false)
    UNION ALL
    SELECT 'clock', provider, model, NULL, NULL FROM here WHERE list_contains(flags, 'clock')
    UNION ALL
    SELECT 'inconsistent', provider, model, tokens, cost_usd FROM here WHERE list_contains(flags, 'tokens_inconsistent')
    UNION ALL
    SELECT 'incomplete', provider, model, tokens, cost_usd
    FROM here
    WHERE list_contains(flags, 'no_payload') OR list_contains(flags, 'no_call_id')
    UNION ALL
    SELECT 'repriced', provider, model, tokens, adjusted_usd - coalesce(book_cost_usd, litellm_cost_usd, 0)
    FROM here
    WHERE adjusted_usd IS NOT NULL
)

SELECT
    kind, provider, model, NULL AS subject, count(*) AS events, sum(tokens) AS tokens, sum(amount_usd) AS amount_usd
FROM of_attempts
GROUP BY kind, provider, model
UNION ALL
SELECT 'set_aside', NULL, NULL, reason, count(*), NULL, NULL
FROM quarantine
WHERE found_at >= $start AND found_at < $end
GROUP BY reason
UNION ALL
SELECT 'repeated', NULL, NULL, NULL, CAST(sum(repeated) AS BIGINT), NULL, NULL
FROM segment_offsets
WHERE read_at >= $start AND read_at < $end
HAVING sum(repeated) > 0
UNION ALL
-- A repricing replaces rows too, and is no event that came late.
SELECT 'late', NULL, NULL, NULL, replacements.n - repricings.n, NULL, NULL
FROM (SELECT count(*) AS n FROM replaced WHERE replaced_at >= $start AND replaced_at < $end) AS replacements,
    (SELECT count(*) AS n FROM adjustments WHERE booked_at >= $start AND booked_at < $end) AS repricings
WHERE replacements.n > repricings.n
UNION ALL
SELECT 'dropped', NULL, NULL, process_id, CAST(until_then - before AS BIGINT), NULL, NULL
FROM (
    SELECT
        process_id,
        max(dropped) AS until_then,
        coalesce(max(dropped) FILTER (counted_at < $start), 0) AS before
    FROM losses
    WHERE counted_at < $end
    GROUP BY process_id
)
WHERE until_then > before
