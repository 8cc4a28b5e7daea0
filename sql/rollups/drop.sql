-- Takes out buckets that are about to be filled anew.
DELETE FROM {table} WHERE bucket_at IN (SELECT make_timestamptz(bucket_us) FROM touched)
