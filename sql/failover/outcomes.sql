-- How did requests end over a span of time, how many were saved by another attempt, and how did single attempts fare?
SELECT
    CAST(coalesce(sum(answered), 0) AS BIGINT) AS answered,
    CAST(coalesce(sum(failed), 0) AS BIGINT) AS failed,
    CAST(coalesce(sum(own_fault), 0) AS BIGINT) AS own_fault,
    CAST(coalesce(sum(refused), 0) AS BIGINT) AS refused,
    CAST(coalesce(sum(given_up), 0) AS BIGINT) AS given_up,
    CAST(coalesce(sum(recovered), 0) AS BIGINT) AS recovered,
    CAST(coalesce(sum(ended_attempts), 0) AS BIGINT) AS ended_attempts,
    CAST(coalesce(sum(provider_errors), 0) AS BIGINT) AS provider_errors,
    CAST(coalesce(sum(failover_us), 0) AS BIGINT) AS failover_us,
    sum(wasted_usd) AS wasted_usd
FROM ended_stretches($start, $minutes_at, $hours_at, $hours_end, $minutes_end, $end)
WHERE
    (len($model_groups::VARCHAR[]) = 0 OR list_contains($model_groups::VARCHAR[], model_group))
    AND (len($teams::VARCHAR[]) = 0 OR list_contains($teams::VARCHAR[], team))
