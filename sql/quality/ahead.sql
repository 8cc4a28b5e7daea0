-- Which hosts have clocks that go ahead of the hub's: how many calls began, by them, in what is still the future?
SELECT host, count(*) AS events, CAST(max(epoch_us(started_at)) - $now_us AS BIGINT) AS ahead_us
FROM attempts
LEFT JOIN (SELECT process_id, any_value(host) AS host FROM processes GROUP BY process_id) USING (process_id)
WHERE started_at > make_timestamptz($now_us + $tolerance_us)
GROUP BY host
ORDER BY host
