-- What was spent in a period and in the equal one before it, how much of that on nothing, and how much is not known?
-- wasted_usd is the known cost of attempts that were no success; unknown_high_usd the most that calls of unknown cost can have cost.
SELECT
    moment >= $start AS is_current,
    sum(cost_usd) AS spent_usd,
    CAST(sum(with_tokens) AS BIGINT) AS with_tokens,
    CAST(sum(unpriced) AS BIGINT) AS unpriced,
    CAST(sum(attempts) AS BIGINT) AS attempts,
    CAST(sum(calls) AS BIGINT) AS calls,
    CAST(sum(priced_calls) AS BIGINT) AS priced_calls,
    sum(wasted_usd) AS wasted_usd,
    sum(high_usd) AS unknown_high_usd,
    sum(cache_saved_usd) AS answer_cache_saved_usd,
    CAST(sum(estimated) AS BIGINT) AS estimated,
    CAST(sum(priced_tokens) AS BIGINT) AS priced_tokens
FROM spending(
    '{rollup}', $previous_start, $end, $providers, $models, $model_groups, $deployments, $teams, $users, $tags
)
WHERE {taken}
GROUP BY is_current;
