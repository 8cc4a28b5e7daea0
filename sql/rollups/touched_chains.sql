-- In which buckets may requests end or move that the next attempts belong to? See sql/macros/chained_attempts.
WITH next AS MATERIALIZED (
    SELECT coalesce(trace_id, call_id) AS request_id, min(started_at) AS first_at, max(started_at) AS last_at
    FROM attempts
    WHERE seq > $since AND seq <= $last
    GROUP BY request_id
)
SELECT DISTINCT epoch_us(a.started_at) // $width_us * $width_us AS bucket_us
FROM attempts AS a
INNER JOIN next AS n
    ON coalesce(a.trace_id, a.call_id) = n.request_id
    AND a.started_at >= n.first_at - INTERVAL 1 HOUR
    AND a.started_at <= n.last_at + INTERVAL 1 HOUR
WHERE
    a.started_at >= make_timestamptz($first_us) - INTERVAL 1 HOUR
    AND a.started_at <= make_timestamptz($last_us) + INTERVAL 1 HOUR
ORDER BY bucket_us
