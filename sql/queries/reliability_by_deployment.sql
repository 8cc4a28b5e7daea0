-- How often did each deployment answer, and how fast?
-- days = 7
SELECT
    provider,
    model,
    deployment_id,
    count(*) AS attempts,
    count(*) FILTER (status = 'success') / count(*) FILTER (status IN ('success', 'failure')) AS success_rate,
    count(*) FILTER (provider_error) / nullif(count(*) FILTER (status IN ('success', 'failure')), 0) AS error_rate,
    quantile_cont(latency_ms, [0.5, 0.95]) FILTER (status = 'success') AS latency_ms_p50_p95,
    quantile_cont(ttft_ms, 0.95) AS ttft_ms_p95
FROM attempts
WHERE started_at >= now() - to_days(CAST($days AS INTEGER)) AND upstream IS DISTINCT FROM false
GROUP BY provider, model, deployment_id
ORDER BY attempts DESC
