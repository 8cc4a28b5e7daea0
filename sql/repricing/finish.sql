-- Notes that a repricing is done, and what came of it.
INSERT INTO repricings_done
SELECT make_timestamptz($booked_us), count(*), coalesce(sum(after_usd - before_usd), 0)
FROM adjustments
WHERE booked_at = make_timestamptz($booked_us)
