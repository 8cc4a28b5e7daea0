-- What did each team, key and user cost?
-- days = 30
SELECT
    coalesce(team_alias, team_id) AS team,
    coalesce(key_alias, key_hash) AS key_name,
    user_id,
    sum(cost_usd) AS spent_usd,
    count(*) FILTER (cost_usd IS NULL AND (total_tokens > 0 OR units IS NOT NULL)) AS unpriced,
    count(*) AS attempts
FROM attempts
WHERE started_at >= now() - to_days(CAST($days AS INTEGER))
GROUP BY team, key_name, user_id
ORDER BY spent_usd DESC NULLS LAST
