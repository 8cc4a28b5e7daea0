-- What did these calls cost, all attempts of each together? What broke off may have cost something that nobody knows.
SELECT
    CAST(call_id AS VARCHAR) AS call_id,
    sum(cost_usd) AS total_usd,
    count(*) FILTER (
        cost_usd IS NULL AND upstream IS DISTINCT FROM false AND (
            status <> 'failure' OR ttft_us IS NOT NULL
            OR error_kind IN ('timeout', 'network', 'cancelled', 'client_disconnect')
        )
    ) AS unknown
FROM costed_attempts($since, $until)
WHERE call_id IN (SELECT CAST(unnest($calls) AS UUID))
GROUP BY call_id
