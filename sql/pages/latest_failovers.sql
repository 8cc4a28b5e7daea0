-- Which requests were last moved to another deployment: from where to where, why, at what cost in time, how did it end?
WITH seen AS (
    SELECT
        *,
        concat_ws(' / ', provider, model) AS target,
        coalesce(deployment_id, concat_ws(' / ', provider, model)) AS deployment
    FROM chosen_attempts(
        $start, $end, $providers, $models, $model_groups, $deployments, $teams, $users, $tags
    )
),

-- The latest setbacks are enough: at most this many requests are looked at, however long the span.
suspects AS (
    SELECT DISTINCT request_id
    FROM (
        SELECT request_id
        FROM seen
        WHERE chosen AND upstream AND status = 'failure'
        ORDER BY started_at DESC
        LIMIT $suspects
    )
)

SELECT
    max(started_at) AS happened_at,
    any_value(model_group ORDER BY started_at) AS model_group,
    first(target ORDER BY started_at) AS moved_from,
    last(target ORDER BY started_at) AS moved_to,
    first(coalesce(error_kind, 'unknown') ORDER BY started_at) FILTER (status = 'failure') AS reason,
    count(*) AS attempts,
    epoch_us(max(started_at)) - epoch_us(min(started_at)) AS added_us,
    last(status ORDER BY started_at) AS outcome
FROM seen
WHERE upstream AND request_id IN (SELECT request_id FROM suspects)
GROUP BY request_id
HAVING count(DISTINCT deployment) > 1
ORDER BY happened_at DESC
LIMIT $rows;
