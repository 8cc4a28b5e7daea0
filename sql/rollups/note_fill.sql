-- Notes how far a rollup has come.
INSERT INTO rollup_fills VALUES ($rollup, $last, $buckets, make_timestamptz($now_us))
