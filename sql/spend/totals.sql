-- What was spent in a period and in the equal one before it, how much of that on nothing, and how much is not known?
-- wasted_usd is the known cost of attempts that were no success; unknown_high_usd the most that calls of unknown cost can have cost.
SELECT
    started_at >= $start AS is_current,
    sum(cost_usd) AS spent_usd,
    count(*) FILTER (has_tokens) AS with_tokens,
    count(*) FILTER (has_tokens AND cost_usd IS NULL) AS unpriced,
    count(*) FILTER (upstream) AS attempts,
    count(*) FILTER (status = 'success') AS calls,
    count(*) FILTER (status = 'success' AND cost_usd IS NOT NULL) AS priced_calls,
    sum(cost_usd) FILTER (status <> 'success') AS wasted_usd,
    sum(unknown_high_usd) AS unknown_high_usd,
    sum(book_saved_usd) AS answer_cache_saved_usd,
    count(*) FILTER (has_tokens AND tokens_source = 'estimated') AS estimated,
    CAST(
        sum(
            coalesce(input_tokens, 0) + coalesce(cache_read_tokens, 0) + coalesce(cache_write_5m_tokens, 0)
            + coalesce(cache_write_1h_tokens, 0) + coalesce(audio_input_tokens, 0) + coalesce(image_input_tokens, 0)
            + coalesce(output_tokens, 0) + coalesce(reasoning_tokens, 0) + coalesce(audio_output_tokens, 0)
            + coalesce(image_output_tokens, 0)
        ) FILTER (cost_usd IS NOT NULL) AS BIGINT
    ) AS priced_tokens
FROM chosen_attempts(
    $previous_start, $end, $providers, $models, $model_groups, $deployments, $teams, $users, $tags
)
WHERE chosen
GROUP BY is_current;
