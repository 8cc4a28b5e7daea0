-- Which models used tokens at a cost that nobody knows?
-- days = 30
SELECT provider, model, count(*) AS attempts, sum(total_tokens) AS tokens, max(started_at) AS last_used_at
FROM attempts
WHERE started_at >= now() - to_days(CAST($days AS INTEGER)) AND cost_usd IS NULL AND (total_tokens > 0 OR units IS NOT NULL)
GROUP BY provider, model
ORDER BY tokens DESC
