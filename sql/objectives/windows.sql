-- Of requests or attempts: how many events since each of these moments, how many bad ones, how long did they take in all?
WITH chosen AS (
    SELECT
        epoch_us(bucket_at) AS bucket_us,
        CASE
            WHEN ends_with($measure, 'latency') THEN latency_count
            WHEN ends_with($measure, 'ttft') THEN ttft_count
            ELSE judged
        END AS events,
        CASE
            WHEN $measure = 'p95_latency' THEN count_above(latency_histogram, $last_good_bin)
            WHEN $measure = 'p95_ttft' THEN count_above(ttft_histogram, $last_good_bin)
            WHEN $measure IN ('success', 'errors') THEN gone_wrong
        END AS bad,
        CASE WHEN $measure = 'mean_latency' THEN latency_us WHEN $measure = 'mean_ttft' THEN ttft_us END AS total_us
    FROM {judged}('{table}', $measure)
    WHERE
        bucket_at >= $since AND bucket_at < $until
        AND ($model_group::VARCHAR IS NULL OR model_group = $model_group)
        AND ($team::VARCHAR IS NULL OR team = $team)
        AND ($provider::VARCHAR IS NULL OR provider = $provider)
        AND ($model::VARCHAR IS NULL OR model = $model)
        AND ($deployment::VARCHAR IS NULL OR deployment_id = $deployment)
)

SELECT
    start_us,
    CAST(coalesce(sum(events), 0) AS BIGINT) AS events,
    CAST(coalesce(sum(bad), 0) AS BIGINT) AS bad,
    CAST(coalesce(sum(total_us), 0) AS BIGINT) AS total_us
FROM chosen
INNER JOIN (SELECT unnest($starts_us::BIGINT[]) AS start_us) ON bucket_us >= start_us
GROUP BY start_us
