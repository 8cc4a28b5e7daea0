-- Of requests, after retries and fallbacks: how many events since each of these moments, how many bad, how long in all?
WITH chosen AS (
    SELECT
        epoch_us(bucket_at) AS bucket_us,
        CASE
            WHEN $measure = 'success' THEN answered + failed
            WHEN $measure = 'errors' THEN ended_attempts
            WHEN ends_with($measure, 'latency') THEN latency_count
            ELSE ttft_count
        END AS events,
        CASE
            WHEN $measure = 'success' THEN failed
            WHEN $measure = 'errors' THEN provider_errors
            WHEN $measure = 'p95_latency' THEN count_above(latency_histogram, $last_good_bin)
            WHEN $measure = 'p95_ttft' THEN count_above(ttft_histogram, $last_good_bin)
        END AS bad,
        CASE WHEN $measure = 'mean_latency' THEN latency_us WHEN $measure = 'mean_ttft' THEN ttft_us END AS total_us
    FROM {table}
    WHERE
        bucket_at >= $since AND bucket_at < $until
        AND ($model_group::VARCHAR IS NULL OR model_group = $model_group)
        AND ($team::VARCHAR IS NULL OR team = $team)
)
SELECT
    start_us,
    CAST(coalesce(sum(events), 0) AS BIGINT) AS events,
    CAST(coalesce(sum(bad), 0) AS BIGINT) AS bad,
    CAST(coalesce(sum(total_us), 0) AS BIGINT) AS total_us
FROM chosen
INNER JOIN (SELECT unnest($starts_us::BIGINT[]) AS start_us) ON bucket_us >= start_us
GROUP BY start_us
