-- Which requests ended in a span of time, how, after how many attempts, and what did the caller wait and pay for them?
-- A request ends with its last attempt, and ended_at is when that was handed over; one whose end stands beyond the span
-- by less than an hour is among the rows too, so whoever asks narrows ended_at.
CREATE OR REPLACE MACRO ended_requests(first_at, end_at) AS TABLE
WITH summed AS (
    SELECT
        request_id,
        ended_at,
        min(started_at) AS began_at,
        arg_min(coalesce(original_model_group, model_group), place) AS model_group,
        arg_min(team, place) AS team,
        any_value(status) FILTER (is_last) AS status,
        any_value(upstream) FILTER (is_last) AS upstream,
        any_value(provider_error) FILTER (is_last) AS provider_error,
        any_value(epoch_us(started_at) + latency_us) FILTER (is_last) AS answered_us,
        any_value(epoch_us(started_at) + ttft_us) FILTER (is_last) AS first_token_us,
        count(*) FILTER (upstream) AS attempts,
        count(*) FILTER (upstream AND status IN ('success', 'failure')) AS ended_attempts,
        count(*) FILTER (provider_error) AS provider_errors,
        count(*) FILTER (upstream AND status = 'failure') AS failed_attempts,
        sum(latency_us) FILTER (upstream AND status = 'failure') AS failed_us,
        sum(cost_usd) AS cost_usd,
        sum(cost_usd) FILTER (status <> 'success') AS wasted_usd
    FROM chained_attempts(first_at, end_at)
    WHERE started_at >= ended_at - INTERVAL 1 HOUR
    GROUP BY request_id, part, ended_at
)

SELECT
    request_id,
    began_at,
    ended_at,
    model_group,
    team,
    request_outcome(status, upstream, provider_error) AS outcome,
    attempts,
    ended_attempts,
    provider_errors,
    status = 'success' AND failed_attempts > 0 AS recovered,
    CASE WHEN status = 'success' THEN CAST(failed_us AS BIGINT) END AS failover_us,
    CASE WHEN status = 'success' THEN answered_us - epoch_us(began_at) END AS latency_us,
    CASE WHEN status = 'success' THEN first_token_us - epoch_us(began_at) END AS ttft_us,
    cost_usd,
    wasted_usd
FROM summed;
