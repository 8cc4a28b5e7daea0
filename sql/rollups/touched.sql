-- Which buckets do the next attempts fall into?
SELECT DISTINCT epoch_us(started_at) // $width_us * $width_us AS bucket_us
FROM attempts
WHERE seq > $since AND seq <= $last
ORDER BY bucket_us
