-- How many attempts ended, and how many of them failed at the provider, in each whole hour of a span?
SELECT
    epoch_us(bucket_at) AS hour_us,
    {dimension} AS name,
    CAST(sum(succeeded) + sum(failed) AS BIGINT) AS ended,
    CAST(sum(provider_errors) AS BIGINT) AS errors
FROM reliability_hour
WHERE bucket_at >= $start AND bucket_at < $end
GROUP BY ALL
ORDER BY ALL
