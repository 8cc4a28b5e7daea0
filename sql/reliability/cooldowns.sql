-- In which stretches of a span did LiteLLM's Routers leave which deployment alone, and why? The latest first.
-- Cooldowns that overlap, as those of several processes do, are one stretch.
WITH chosen AS (
    SELECT
        *,
        max(ends_at) OVER (
            PARTITION BY deployment_id ORDER BY began_at, ends_at ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS cooled_until
    FROM cooldowns
    WHERE
        ends_at > $start AND began_at < $end
        AND (len($deployments::VARCHAR[]) = 0 OR list_contains($deployments::VARCHAR[], deployment_id))
),

stretches AS (
    SELECT
        *,
        count(*) FILTER (cooled_until IS NULL OR began_at > cooled_until) OVER (
            PARTITION BY deployment_id ORDER BY began_at, ends_at
        ) AS stretch
    FROM chosen
)

SELECT
    min(began_at) AS began_at,
    max(ends_at) AS ends_at,
    deployment_id AS deployment,
    count(*) AS times,
    mode(error_kind ORDER BY error_kind) AS error_kind
FROM stretches
GROUP BY deployment_id, stretch
ORDER BY began_at DESC, deployment
LIMIT $rows
