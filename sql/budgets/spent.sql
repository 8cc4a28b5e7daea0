-- What have the attempts of a span of time cost that count toward a budget?
-- An upper bound stands in for what nobody knows, where there is one; what has none is counted.
SELECT
    sum(cost_usd) AS spent_usd,
    sum(high_cost_usd) FILTER (cost_usd IS NULL) AS open_usd,
    count(*) AS attempts,
    count(*) FILTER (
        cost_usd IS NULL
        AND coalesce(
            input_tokens, cache_read_tokens, cache_write_5m_tokens, cache_write_1h_tokens, audio_input_tokens,
            image_input_tokens, output_tokens, reasoning_tokens, audio_output_tokens, image_output_tokens
        ) IS NOT NULL
    ) AS unpriced
FROM costed_attempts($start, $end)
WHERE
    ($provider IS NULL OR provider = $provider)
    AND ($model IS NULL OR model = $model)
    AND ($model_group IS NULL OR model_group = $model_group)
    AND ($deployment IS NULL OR deployment_id = $deployment)
    AND ($team IS NULL OR coalesce(team_alias, team_id) = $team)
    AND ($user IS NULL OR user_id = $user)
    AND ($end_user IS NULL OR end_user = $end_user)
    AND ($key IS NULL OR coalesce(key_alias, key_hash) = $key)
    AND ($tag IS NULL OR list_contains(tags, $tag))
