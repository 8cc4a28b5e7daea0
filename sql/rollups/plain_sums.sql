-- What do all attempts add up to, as the reliability rollup counts them?
SELECT
    count(*) FILTER (upstream IS DISTINCT FROM false),
    count(*) FILTER (upstream IS DISTINCT FROM false AND status = 'success'),
    sum(cost_usd),
    sum(latency_us) FILTER (upstream IS DISTINCT FROM false AND status = 'success')
FROM costed_attempts(make_timestamptz(0), make_timestamptz(7258118400000000))
