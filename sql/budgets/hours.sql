-- The same as hours_rolled, from the attempts alone: for the lake, which does not have this rollup.
SELECT epoch_us(started_at) // 3600000000 AS hour, CAST(sum(cost_usd) AS DOUBLE) AS spent_usd
FROM costed_attempts($start, $end)
WHERE
    true
    AND ($provider IS NULL OR provider = $provider)
    AND ($model IS NULL OR model = $model)
    AND ($model_group IS NULL OR model_group = $model_group)
    AND ($deployment IS NULL OR deployment_id = $deployment)
    AND ($end_user IS NULL OR end_user = $end_user)
    AND ($user IS NULL OR user_id = $user)
    AND ($tag IS NULL OR list_contains(tags, $tag))
    AND ($team IS NULL OR coalesce(team_alias, team_id) = $team)
    AND ($key IS NULL OR coalesce(key_alias, key_hash) = $key)
    AND ($application IS NULL OR coalesce(metadata ->> '$.application', metadata ->> '$.app') = $application)
GROUP BY hour
ORDER BY hour
