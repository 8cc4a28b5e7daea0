-- Which attempts have this call id or trace id?
SELECT * EXCLUDE (call_key, trace_key, response_id, team_id, end_user, tags)
FROM listed_attempts(make_timestamptz(0), make_timestamptz(7258118400000000))
WHERE call_key = id_of($id) OR trace_key = id_of($id)
ORDER BY started_at DESC
LIMIT $rows
