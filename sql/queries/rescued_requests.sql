-- Which requests were answered only after an attempt had failed, and what did that take?
-- days = 7
SELECT *
FROM requests
WHERE started_at >= now() - to_days(CAST($days AS INTEGER)) AND recovered
ORDER BY started_at DESC
LIMIT 100
