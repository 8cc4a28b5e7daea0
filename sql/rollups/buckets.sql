-- Which buckets of the finer grain lie in these coarser ones?
SELECT epoch_us(bucket_at) AS bucket_us, * EXCLUDE (bucket_at)
FROM {table}
WHERE
    bucket_at >= make_timestamptz($first_us)
    AND bucket_at < make_timestamptz($end_us)
    AND epoch_us(bucket_at) // $width_us * $width_us IN (SELECT bucket_us FROM touched)
