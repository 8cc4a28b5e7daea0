-- Notes how far the job has come.
INSERT INTO quality_checks VALUES (make_timestamptz($now_us), $last, $days, $findings)
