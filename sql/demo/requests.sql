-- How did requests end as they were recorded, as the comparison needs it?
SELECT
    request_id::VARCHAR AS request_id, outcome = 'answered' AS answered, recovered,
    CAST(coalesce(wasted_usd, 0) * 1000000000000 AS BIGINT) AS wasted_pusd
FROM ended_requests($start, $end)
WHERE ended_at >= $start
ORDER BY ended_at
