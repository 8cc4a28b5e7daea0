-- How many are the next attempts, up to which do they go, and from when to when did they start?
SELECT count(*), max(seq), epoch_us(min(started_at)), epoch_us(max(started_at))
FROM (SELECT seq, started_at FROM attempts WHERE seq > $since ORDER BY seq LIMIT $most)
