-- How many requests were answered in the end, how many were not, and how long did failed attempts keep the answered ones?
-- A request counts in the period in which it ended, however its attempts before went. Only requests of which an attempt
-- was no success need their chain looked at, which keeps this quick: every other success is one.
WITH chains AS (
    SELECT
        ended_at,
        request_outcome(
            any_value(status) FILTER (is_last),
            any_value(upstream) FILTER (is_last),
            any_value(provider_error) FILTER (is_last)
        ) AS outcome,
        bool_or(chosen AND is_last) AS end_chosen,
        bool_or(chosen AND upstream AND status = 'failure') AS failed_before,
        sum(latency_us) FILTER (chosen AND upstream AND status = 'failure') AS failed_us
    FROM (
        SELECT
            *,
            passes(
                provider, model, model_group, deployment_id, team, user_id, end_user, tags,
                $providers, $models, $model_groups, $deployments, $teams, $users, $tags
            ) AS chosen
        FROM chained_attempts($previous_start, $end, only_setbacks := true)
    )
    WHERE started_at >= ended_at - INTERVAL 1 HOUR
    GROUP BY request_id, part, ended_at
    HAVING bool_or(chosen) AND ended_at >= $previous_start AND ended_at < $end
),

outcomes AS (
    SELECT
        started_at >= $start AS is_current,
        count(*) AS served,
        0 AS failed,
        0 AS unfinished,
        0 AS failed_over,
        0 AS failover_us
    FROM chosen_attempts(
        $previous_start, $end, $providers, $models, $model_groups, $deployments, $teams, $users, $tags
    )
    WHERE chosen AND status = 'success'
    GROUP BY is_current
    UNION ALL
    SELECT
        ended_at >= $start AS is_current,
        -- Those whose last attempt passes the filters are counted above.
        count(*) FILTER (outcome = 'answered' AND NOT end_chosen) AS served,
        count(*) FILTER (outcome = 'failed') AS failed,
        count(*) FILTER (outcome NOT IN ('answered', 'failed')) AS unfinished,
        count(*) FILTER (outcome = 'answered' AND failed_before) AS failed_over,
        coalesce(sum(failed_us) FILTER (outcome = 'answered'), 0) AS failover_us
    FROM chains
    GROUP BY is_current
)

SELECT
    is_current,
    CAST(sum(served) AS BIGINT) AS served,
    CAST(sum(failed) AS BIGINT) AS failed,
    CAST(sum(unfinished) AS BIGINT) AS unfinished,
    CAST(sum(failed_over) AS BIGINT) AS failed_over,
    CAST(sum(failover_us) AS BIGINT) AS failover_us
FROM outcomes
GROUP BY is_current;
