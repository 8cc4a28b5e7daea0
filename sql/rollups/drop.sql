-- Takes out the buckets that lie in these and have their keys: they are about to be filled anew.
DELETE FROM {table} AS t
USING touched AS c
WHERE
    t.bucket_at >= make_timestamptz($first_us)
    AND t.bucket_at < make_timestamptz($end_us)
    AND epoch_us(t.bucket_at) // $width_us * $width_us = c.bucket_us
    {same_keys}
