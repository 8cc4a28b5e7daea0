-- What did each value of a dimension cost in each whole hour of a span?
SELECT epoch_us(bucket_at) AS hour_us, {dimension} AS name, CAST(coalesce(sum(cost_usd), 0) AS DOUBLE) AS amount
FROM spend_hour
WHERE bucket_at >= $start AND bucket_at < $end
GROUP BY ALL
ORDER BY ALL
