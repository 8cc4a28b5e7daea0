-- What is recorded of this attempt?
SELECT *
FROM views.attempts
WHERE call_id = id_of($call_id) AND started_at = $started_at
LIMIT 1
