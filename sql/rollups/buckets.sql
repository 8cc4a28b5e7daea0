-- Which buckets of a grain lie in these, which may be coarser, and have their keys?
SELECT epoch_us(t.bucket_at) AS bucket_us, t.* EXCLUDE (bucket_at)
FROM {table} AS t
SEMI JOIN touched AS c ON epoch_us(t.bucket_at) // $width_us * $width_us = c.bucket_us {same_keys}
WHERE t.bucket_at >= make_timestamptz($first_us) AND t.bucket_at < make_timestamptz($end_us)
