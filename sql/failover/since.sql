-- From when on do the latest requests of more than one attempt have to be looked for, to find so many of them?
-- First the hour is found, then the minute in it and after it.
WITH hours AS (
    SELECT bucket_at, sum(attempts - answered - failed - own_fault - given_up) AS extra
    FROM requests_hour
    WHERE
        bucket_at >= $start::TIMESTAMPTZ - INTERVAL 1 HOUR AND bucket_at < $end
        AND attempts > answered + failed + own_fault + given_up
        AND (len($model_groups::VARCHAR[]) = 0 OR list_contains($model_groups::VARCHAR[], model_group))
        AND (len($teams::VARCHAR[]) = 0 OR list_contains($teams::VARCHAR[], team))
    GROUP BY bucket_at
),
since AS (
    SELECT coalesce(max(bucket_at) FILTER (so_far >= $rows), min(bucket_at)) AS hour_at
    FROM (SELECT bucket_at, sum(extra) OVER (ORDER BY bucket_at DESC) AS so_far FROM hours)
),
minutes AS (
    SELECT bucket_at, sum(attempts - answered - failed - own_fault - given_up) AS extra
    FROM requests_minute
    WHERE
        bucket_at >= (SELECT hour_at FROM since) AND bucket_at < $end
        AND attempts > answered + failed + own_fault + given_up
        AND (len($model_groups::VARCHAR[]) = 0 OR list_contains($model_groups::VARCHAR[], model_group))
        AND (len($teams::VARCHAR[]) = 0 OR list_contains($teams::VARCHAR[], team))
    GROUP BY bucket_at
)
SELECT coalesce(max(bucket_at) FILTER (so_far >= $rows), min(bucket_at), (SELECT hour_at FROM since))
FROM (SELECT bucket_at, sum(extra) OVER (ORDER BY bucket_at DESC) AS so_far FROM minutes)
