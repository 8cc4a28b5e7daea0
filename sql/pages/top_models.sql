-- Which models cost the most in a period, and how much of each is priced?
SELECT
    provider,
    model,
    sum(cost_usd) AS spent_usd,
    count(*) FILTER (has_usage) AS with_tokens,
    count(*) FILTER (has_usage AND cost_usd IS NULL) AS unpriced,
    count(*) FILTER (upstream) AS attempts,
    CAST(sum(coalesce(tokens, 0)) FILTER (has_usage) AS BIGINT) AS tokens
FROM chosen_attempts(
    $start, $end, $providers, $models, $model_groups, $deployments, $teams, $users, $tags
)
WHERE chosen
GROUP BY provider, model
ORDER BY spent_usd DESC NULLS LAST, tokens DESC NULLS LAST, provider, model
LIMIT $rows;
