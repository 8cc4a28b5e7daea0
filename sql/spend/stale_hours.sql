-- Which hours are to be read attempt by attempt, since the rollup does not know all of theirs yet?
SELECT hour * 3600000000 AS hour_us
FROM stale_hours()
ORDER BY hour_us
