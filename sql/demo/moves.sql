-- Which moves from a failing deployment to another were recorded, as the comparison needs them?
SELECT
    request_id::VARCHAR AS request_id, moved_from, moved_to, coalesce(served, false) AS served,
    CAST(coalesce(wasted_usd, 0) * 1000000000000 AS BIGINT) AS wasted_pusd
FROM moves($start, $end)
WHERE moved_at >= $start
ORDER BY moved_at
