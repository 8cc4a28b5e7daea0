-- Which hours hold attempts that the rollup does not know yet?
SELECT DISTINCT epoch_us(started_at) // 3600000000 * 3600000000 AS hour_us
FROM attempts
WHERE seq > $filled_to
ORDER BY hour_us
