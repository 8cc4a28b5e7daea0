-- How did each deployment fare in each hour, and how fast did it answer?
CREATE OR REPLACE VIEW views.reliability_hourly AS
SELECT
    bucket_at AS hour,
    provider,
    model,
    model_group,
    deployment_id,
    attempts,
    succeeded,
    failed,
    provider_errors,
    given_up,
    rejected,
    provider_errors / nullif(succeeded + failed, 0) AS error_rate,
    latency_us / nullif(latency_count, 0) / 1000.0 AS mean_latency_ms,
    percentile(latency_histogram, 50) / 1000.0 AS p50_latency_ms,
    percentile(latency_histogram, 95) / 1000.0 AS p95_latency_ms,
    percentile(ttft_histogram, 95) / 1000.0 AS p95_ttft_ms,
    errors,
    latency_histogram,
    ttft_histogram,
    cost_usd,
    priced,
    unpriced,
    wasted_usd
FROM raw.reliability_hour;
COMMENT ON VIEW views.reliability_hourly IS
    'One row per hour and deployment. Percentiles of several rows: percentile(flatten(list(latency_histogram)), 95) / 1000.';
