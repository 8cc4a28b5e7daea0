-- Adds running totals of what was dropped; one that is there already came from a copy of its segment.
INSERT INTO losses
SELECT process_id, make_timestamptz(at_us), dropped, guarded_errors, last_error FROM rare_loss
EXCEPT
SELECT * FROM losses WHERE counted_at BETWEEN make_timestamptz($first_us) AND make_timestamptz($last_us)
