-- How did requests end that the canary acted on, and those it left alone?
WITH arms AS (
    SELECT trace_id, bool_or(acted) AS acted
    FROM decisions
    WHERE decided_at >= $start AND decided_at < $end AND mode = 'canary' AND trace_id IS NOT NULL
    GROUP BY trace_id
), ended AS (
    SELECT
        coalesce(trace_id, call_id) AS trace_id,
        CAST(bool_or(status = 'success') AS INTEGER) AS answered,
        CASE WHEN count(*) FILTER (status = 'success' AND cost_usd IS NULL) = 0
            THEN coalesce(sum(CAST(cost_usd AS DOUBLE)), 0.0)
        END AS cost_usd
    FROM costed_attempts($start, $end + INTERVAL 1 HOUR)
    WHERE upstream IS DISTINCT FROM false
    GROUP BY coalesce(trace_id, call_id)
)
SELECT
    acted,
    count(*) AS requests,
    avg(answered) AS answered,
    coalesce(stddev_samp(answered), 0) AS answered_deviation,
    count(cost_usd) AS priced,
    coalesce(avg(cost_usd), 0) AS cost_usd,
    coalesce(stddev_samp(cost_usd), 0) AS cost_deviation
FROM arms
INNER JOIN ended USING (trace_id)
GROUP BY acted
