-- Which models cost the most in a period, and how much of each is priced?
SELECT
    provider,
    model,
    sum(cost_usd) AS spent_usd,
    count(*) FILTER (has_usage) AS with_tokens,
    count(*) FILTER (has_usage AND cost_usd IS NULL) AS unpriced,
    count(*) FILTER (upstream) AS attempts,
    CAST(
        sum(
            coalesce(input_tokens, 0) + coalesce(cache_read_tokens, 0) + coalesce(cache_write_5m_tokens, 0)
            + coalesce(cache_write_1h_tokens, 0) + coalesce(audio_input_tokens, 0) + coalesce(image_input_tokens, 0)
            + coalesce(output_tokens, 0) + coalesce(reasoning_tokens, 0) + coalesce(audio_output_tokens, 0)
            + coalesce(image_output_tokens, 0)
        ) FILTER (has_usage) AS BIGINT
    ) AS tokens
FROM chosen_attempts(
    $start, $end, $providers, $models, $model_groups, $deployments, $teams, $users, $tags
)
WHERE chosen
GROUP BY provider, model
ORDER BY spent_usd DESC NULLS LAST, tokens DESC NULLS LAST, provider, model
LIMIT $rows;
