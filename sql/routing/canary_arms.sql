-- How did requests end that the canary acted on, and those it left alone?
WITH arms AS (
    SELECT trace_id, bool_or(acted) AS acted
    FROM decisions
    WHERE decided_at >= $start AND decided_at < $end AND mode = 'canary' AND trace_id IS NOT NULL
    GROUP BY trace_id
)
SELECT
    acted,
    count(*) AS requests,
    avg(CAST(answered AS INTEGER)) AS answered,
    coalesce(stddev_samp(CAST(answered AS INTEGER)), 0) AS answered_deviation,
    count(cost_usd) AS priced,
    coalesce(avg(cost_usd), 0) AS cost_usd,
    coalesce(stddev_samp(cost_usd), 0) AS cost_deviation
FROM arms
INNER JOIN traced_requests($start, $end + INTERVAL 1 HOUR) USING (trace_id)
GROUP BY acted
