-- When did each of a budget's attempts that cost something end and start, and what did it cost?
-- A cost is known when the attempt ends; an unknown latency counts as none.
SELECT
    epoch_us(started_at) + coalesce(latency_us, 0) AS ended_us,
    CAST(epoch_us(started_at) AS BIGINT) AS started_us,
    cost_usd
FROM costed_attempts($start, $end)
WHERE
    cost_usd > 0
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
ORDER BY ended_us, started_us
