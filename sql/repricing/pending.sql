-- Which repricings were asked for and are not done yet?
SELECT
    epoch_us(booked_at) AS booked_us, epoch_us(since) AS since_us, epoch_us(until) AS until_us,
    epoch_us(known_at) AS known_at_us
FROM repricings
WHERE booked_at NOT IN (SELECT booked_at FROM repricings_done)
ORDER BY booked_at
