-- What did each model cost, per request and per 1,000 tokens?
-- days = 30
SELECT
    provider,
    model,
    sum(cost_usd) AS spent_usd,
    count(*) FILTER (cost_usd IS NULL AND (total_tokens > 0 OR units IS NOT NULL)) AS unpriced,
    count(DISTINCT request_id) AS requests,
    sum(total_tokens) AS tokens,
    sum(cost_usd) / nullif(count(DISTINCT request_id), 0) AS usd_per_request,
    sum(cost_usd) * 1000 / nullif(sum(total_tokens), 0) AS usd_per_1k_tokens
FROM attempts
WHERE started_at >= now() - to_days(CAST($days AS INTEGER))
GROUP BY provider, model
ORDER BY spent_usd DESC NULLS LAST
