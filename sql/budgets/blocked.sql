-- Whose calls, of which models, lie in these stretches of time, and what did they cost? The dearest first.
SELECT
    team,
    coalesce(user_id, end_user) AS "user",
    key_name AS "key",
    provider,
    model,
    count(*) AS calls,
    sum(cost_usd) AS spent_usd,
    count(*) FILTER (status = 'success' AND cost_usd IS NULL) AS unpriced
FROM named_attempts($start, $end) AS a
JOIN (
    SELECT unnest(CAST($since AS TIMESTAMPTZ[])) AS since, unnest(CAST($until AS TIMESTAMPTZ[])) AS until
) AS stretch ON a.started_at >= stretch.since AND a.started_at < stretch.until
WHERE
    upstream
    AND counts_toward(
        provider, model, model_group, deployment_id, team, user_id, end_user, key_name, application, tags,
        $provider, $model, $model_group, $deployment, $team, $user, $end_user, $key, $application, $tag
    )
GROUP BY ALL
ORDER BY spent_usd DESC NULLS LAST, calls DESC, team, "user", "key", provider, model
