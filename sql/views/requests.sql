-- What became of each request: the chain of attempts that share a trace id, or one attempt alone?
CREATE OR REPLACE VIEW views.requests AS
SELECT
    request_id,
    min(started_at) AS started_at,
    max(ended_at) AS ended_at,
    count(*) AS attempts,
    arg_max(status, (started_at, seq)) AS status,
    bool_or(status = 'success') AND bool_or(status = 'failure') AS recovered,
    count(DISTINCT model_group) > 1 OR coalesce(max(fallback_depth), 0) > 0 AS fell_back,
    arg_min(model_group, (started_at, seq)) AS first_model_group,
    arg_max(model_group, (started_at, seq)) AS last_model_group,
    arg_min(provider, (started_at, seq)) AS first_provider,
    arg_max(provider, (started_at, seq)) AS last_provider,
    (epoch_us(max(ended_at)) - epoch_us(min(started_at))) / 1000.0 AS latency_ms,
    sum(total_tokens) AS total_tokens,
    sum(cost_usd) AS cost_usd,
    count(*) FILTER (cost_usd IS NULL) AS unpriced_attempts
FROM views.attempts
GROUP BY request_id;
COMMENT ON VIEW views.requests IS
    'One row per request: the attempts that share a trace id. cost_usd sums what is known; unpriced_attempts counts the rest.';
