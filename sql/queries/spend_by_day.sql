-- What was spent on each day, and how much of it is known?
-- days = 30
SELECT
    date_trunc('day', started_at) AS day,
    sum(cost_usd) AS spent_usd,
    count(*) FILTER (cost_usd IS NULL AND (total_tokens > 0 OR units IS NOT NULL)) AS unpriced,
    count(*) AS attempts,
    count(DISTINCT request_id) AS requests
FROM attempts
WHERE started_at >= now() - to_days(CAST($days AS INTEGER))
GROUP BY day
ORDER BY day
