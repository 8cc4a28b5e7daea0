-- Writes down what was found of a day.
INSERT INTO quality_findings BY NAME
SELECT make_timestamptz($day_us) AS day, *, make_timestamptz($now_us) AS found_at FROM found
