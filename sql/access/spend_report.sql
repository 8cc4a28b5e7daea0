-- What did each team, user or key spend on which model, day by day in UTC?
SELECT
    date_trunc('day', started_at AT TIME ZONE 'UTC') AS day,
    CASE $by WHEN 'team' THEN team_id WHEN 'user' THEN user_id WHEN 'customer' THEN end_user ELSE key_hash END AS name,
    coalesce(model_group, model) AS model,
    sum(cost_usd) AS cost_usd,
    CAST(sum(total_tokens) AS BIGINT) AS tokens,
    CAST(sum(coalesce(output_tokens, 0) + coalesce(reasoning_tokens, 0)) AS BIGINT) AS output_tokens,
    count(*) AS attempts,
    count(*) FILTER (cost_usd IS NULL AND (total_tokens IS NOT NULL OR units IS NOT NULL)) AS unpriced
FROM attempts
WHERE
    started_at >= $start AND started_at < $end
    AND ($key IS NULL OR key_hash = $key)
    AND ($user IS NULL OR user_id = $user)
    AND ($team IS NULL OR team_id = $team)
GROUP BY ALL
ORDER BY day, name, model
