-- Which attempts ended since a moment, of those that came into sight after a sequence?
SELECT seq, call_id_text, epoch_us(started_at) AS started_us, epoch_us(ended_at) AS ended_us
FROM attempts
WHERE seq > $seen AND started_at >= make_timestamptz($since_us) AND status IN ('success', 'failure')
    AND ended_at IS NOT NULL
