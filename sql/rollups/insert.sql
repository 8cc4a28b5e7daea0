-- Fills buckets.
INSERT INTO {table} BY NAME
SELECT make_timestamptz(bucket_us) AS bucket_at, * EXCLUDE (bucket_us) FROM filled
