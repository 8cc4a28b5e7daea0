-- When did the attempts start that have this call id or trace id? One scan for each of the two columns, and no others.
SELECT min(started_at), max(started_at)
FROM (
    SELECT started_at FROM attempts WHERE call_id = id_of($id)
    UNION ALL
    SELECT started_at FROM attempts WHERE trace_id = id_of($id)
)
