-- Writes down what a repricing changes.
INSERT INTO adjustments
SELECT make_timestamptz($booked_us), started_at, call_id, before_usd, after_usd FROM changed
