-- By how much did provider errors of each deployment and kind change between two hours? The differences add up exactly.
SELECT
    deployment,
    kind,
    CAST(sum(errors) FILTER (hour = 'after') AS BIGINT) AS after,
    CAST(sum(errors) FILTER (hour = 'before') AS BIGINT) AS before
FROM (
    SELECT
        if(bucket_at = make_timestamptz($after_us), 'after', 'before') AS hour,
        coalesce(deployment_id, concat_ws('/', provider, model)) AS deployment,
        item.kind AS kind,
        item.count AS errors
    FROM (
        SELECT bucket_at, deployment_id, provider, model, unnest(errors) AS item
        FROM reliability_hour
        WHERE
            bucket_at IN (make_timestamptz($after_us), make_timestamptz($before_us))
            AND ($name IS NULL OR {dimension} = $name)
    )
    WHERE item.kind NOT IN ('bad_request', 'context_window', 'content_policy', 'rejected')
)
GROUP BY ALL
ORDER BY coalesce(after, 0) - coalesce(before, 0) DESC, deployment, kind
LIMIT $rows
