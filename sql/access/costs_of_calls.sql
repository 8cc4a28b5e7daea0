-- What did these calls cost, all attempts of each together? Of some part of an unknown one nobody knows.
SELECT
    CAST(call_id AS VARCHAR) AS call_id,
    sum(cost_usd) AS cost_usd,
    count(*) FILTER (
        cost_usd IS NULL AND upstream IS DISTINCT FROM false AND (status <> 'failure' OR low_cost_usd IS NOT NULL)
    ) AS unknown
FROM attempts
WHERE started_at >= $since AND call_id IN (SELECT CAST(unnest($calls) AS UUID))
GROUP BY call_id
