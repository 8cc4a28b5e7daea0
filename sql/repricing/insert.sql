-- Notes repricings that are to be booked; one that is there already came from a copy of its segment.
INSERT INTO repricings
SELECT DISTINCT
    make_timestamptz(at_us), make_timestamptz(since_us), make_timestamptz(until_us), make_timestamptz(known_at_us),
    reason
FROM rare_reprice
WHERE make_timestamptz(at_us) NOT IN (SELECT booked_at FROM repricings)
