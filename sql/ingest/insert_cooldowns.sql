-- Adds cooldowns; one that is there already came from a copy of its segment.
INSERT INTO cooldowns
SELECT make_timestamptz(at_us), make_timestamptz(until_us), deployment_id, error_kind, error_class
FROM rare_cooldown
EXCEPT
SELECT * FROM cooldowns
WHERE began_at BETWEEN make_timestamptz($first_us) AND make_timestamptz($last_us)
