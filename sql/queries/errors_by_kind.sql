-- What went wrong, where, and what did it say last?
-- days = 7
SELECT
    provider,
    model,
    error_kind,
    error_code,
    count(*) AS attempts,
    max(started_at) AS last_at,
    arg_max(error_message, started_at) AS last_message
FROM attempts
WHERE started_at >= now() - to_days(CAST($days AS INTEGER)) AND status = 'failure'
GROUP BY provider, model, error_kind, error_code
ORDER BY attempts DESC
