-- Which attempts were answered under this id of the provider?
SELECT * EXCLUDE (seq, call_key, trace_key, response_id, team_id, end_user, tags)
FROM listed_attempts(make_timestamptz(0), make_timestamptz(7258118400000000))
WHERE response_id = $id
ORDER BY started_at DESC
LIMIT $rows
