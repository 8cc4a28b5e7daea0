-- Which attempts of a span have this call id or trace id?
SELECT * EXCLUDE (seq, call_key, trace_key, response_id, team_id, end_user, tags)
FROM listed_attempts($first::TIMESTAMPTZ, $last::TIMESTAMPTZ + INTERVAL 1 MICROSECOND)
WHERE call_key = id_of($id) OR trace_key = id_of($id)
ORDER BY started_at DESC
LIMIT $rows
