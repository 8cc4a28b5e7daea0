-- Which buckets do the next attempts fall into, and which is the last of those?
WITH next AS (
    SELECT seq, started_at FROM attempts WHERE seq > $since ORDER BY seq LIMIT $most
)
SELECT epoch_us(started_at) // $width_us * $width_us AS bucket_us, max(seq) AS last
FROM next
GROUP BY bucket_us
ORDER BY bucket_us
