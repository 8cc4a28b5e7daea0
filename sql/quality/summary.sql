-- How far can the figures of a span be trusted: how much is priced, by whom, and what had to be guessed or repaired?
SELECT
    count(*) AS attempts,
    count(*) FILTER (has_usage) AS with_tokens,
    count(*) FILTER (has_usage AND cost_usd IS NULL) AS unpriced,
    count(*) FILTER (has_tokens AND tokens_source = 'estimated') AS estimated,
    count(*) FILTER (cost_usd IS NULL AND high_cost_usd IS NOT NULL) AS bounded,
    sum(high_cost_usd) FILTER (cost_usd IS NULL) AS bounded_usd,
    count(*) FILTER (cost_usd IS NOT NULL AND adjusted_usd IS NOT NULL) AS adjusted,
    count(*) FILTER (list_contains(flags, 'clock')) AS clock,
    count(*) FILTER (list_contains(flags, 'tokens_inconsistent')) AS inconsistent,
    count(*) FILTER (list_contains(flags, 'no_payload') OR list_contains(flags, 'no_call_id')) AS incomplete,
    count(*) FILTER (NOT coalesce(final, false)) AS without_end
FROM (
    SELECT
        *,
        coalesce(
            input_tokens, cache_read_tokens, cache_write_5m_tokens, cache_write_1h_tokens, audio_input_tokens,
            image_input_tokens, output_tokens, reasoning_tokens, audio_output_tokens, image_output_tokens
        ) IS NOT NULL AS has_tokens,
        has_tokens OR units IS NOT NULL AS has_usage
    FROM costed_attempts($start, $end)
)
