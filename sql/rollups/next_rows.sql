-- Up to which attempt do the next ones go, and from when to when did they start? NULL when there are none.
SELECT max(seq), epoch_us(min(started_at)), epoch_us(max(started_at))
FROM (SELECT seq, started_at FROM attempts WHERE seq > $since ORDER BY seq LIMIT $most)
