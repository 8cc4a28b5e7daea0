-- Whose calls, of which models, lie in these stretches of time, and what did they cost? The dearest first.
SELECT
    coalesce(team_alias, team_id) AS team,
    coalesce(user_id, end_user) AS "user",
    coalesce(key_alias, key_hash) AS "key",
    provider,
    model,
    count(*) AS calls,
    sum(cost_usd) AS spent_usd,
    count(*) FILTER (status = 'success' AND cost_usd IS NULL) AS unpriced
FROM costed_attempts($start, $end) AS a
JOIN (
    SELECT unnest(CAST($since AS TIMESTAMPTZ[])) AS since, unnest(CAST($until AS TIMESTAMPTZ[])) AS until
) AS stretch ON a.started_at >= stretch.since AND a.started_at < stretch.until
WHERE
    upstream IS DISTINCT FROM false
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
GROUP BY ALL
ORDER BY spent_usd DESC NULLS LAST, calls DESC, team, "user", "key", provider, model
