-- How many requests were served in the end, how many were not, and how long did failed attempts keep the served ones?
-- A request is a chain of attempts that ends with its first success; it counts in the period in which it ended. Only
-- requests that an attempt failed in need their chain looked at, which keeps this quick: every other success is one.
WITH seen AS (
    SELECT request_id, started_at, status, upstream, latency_us, chosen
    FROM chosen_attempts(
        $previous_start, $end, $providers, $models, $model_groups, $deployments, $teams, $users, $tags
    )
),

setbacks AS MATERIALIZED (
    SELECT * FROM seen WHERE status <> 'success'
),

rescues AS (
    SELECT
        request_id,
        max(started_at) AS served_at,
        bool_or(chosen) AS counted
    FROM seen
    WHERE status = 'success' AND request_id IN (SELECT request_id FROM setbacks)
    GROUP BY request_id
),

chains AS (
    SELECT
        setbacks.request_id,
        any_value(served_at) AS served_at,
        bool_or(coalesce(counted, false)) AS counted,
        bool_or(started_at < served_at) AS rescued,
        max(started_at) FILTER (served_at IS NULL OR started_at > served_at) AS unserved_at,
        bool_or(upstream AND status = 'failure' AND (served_at IS NULL OR started_at > served_at)) AS failed,
        sum(latency_us) FILTER (upstream AND status = 'failure' AND started_at < served_at) AS failover_us
    FROM setbacks
    LEFT JOIN rescues ON setbacks.request_id = rescues.request_id
    WHERE chosen
    GROUP BY setbacks.request_id
),

outcomes AS (
    SELECT
        started_at >= $start AS is_current,
        count(*) AS served,
        0 AS failed,
        0 AS unfinished,
        0 AS failed_over,
        0 AS failover_us
    FROM seen
    WHERE chosen AND status = 'success'
    GROUP BY is_current
    UNION ALL
    SELECT
        served_at >= $start AS is_current,
        count(*) FILTER (NOT counted) AS served,
        0 AS failed,
        0 AS unfinished,
        count(failover_us) AS failed_over,
        coalesce(sum(failover_us), 0) AS failover_us
    FROM chains
    WHERE rescued
    GROUP BY is_current
    UNION ALL
    SELECT
        unserved_at >= $start AS is_current,
        0 AS served,
        count(*) FILTER (failed) AS failed,
        count(*) FILTER (NOT failed) AS unfinished,
        0 AS failed_over,
        0 AS failover_us
    FROM chains
    WHERE unserved_at IS NOT NULL
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
