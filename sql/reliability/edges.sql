-- From which deployment to which did requests move on after a failure: how often, why, how long after, at what cost?
WITH chain AS (
    SELECT
        coalesce(trace_id, call_id) AS request_id,
        coalesce(deployment_id, concat_ws(' / ', provider, model)) AS deployment,
        started_at,
        seq,
        status,
        error_kind,
        cost_usd,
        provider,
        model,
        model_group
    FROM costed_attempts($start, $end)
    WHERE upstream IS DISTINCT FROM false
),
moves AS (
    SELECT
        *,
        lead(deployment) OVER request AS moved_to,
        lead(started_at) OVER request AS moved_at,
        lead(status) OVER request AS outcome
    FROM chain
    WINDOW request AS (PARTITION BY request_id ORDER BY started_at, seq)
)
SELECT
    deployment AS moved_from,
    moved_to,
    count(*) AS moves,
    mode(coalesce(error_kind, 'unknown')) AS reason,
    CAST(sum(epoch_us(moved_at) - epoch_us(started_at)) AS BIGINT) AS added_us,
    count(*) FILTER (outcome = 'success') AS served,
    sum(cost_usd) AS wasted_usd
FROM moves
WHERE
    status = 'failure'
    AND moved_to IS NOT NULL
    AND moved_to <> deployment
    AND (len(CAST($providers AS VARCHAR[])) = 0 OR list_contains(CAST($providers AS VARCHAR[]), provider))
    AND (len(CAST($models AS VARCHAR[])) = 0 OR list_contains(CAST($models AS VARCHAR[]), model))
    AND (len(CAST($model_groups AS VARCHAR[])) = 0 OR list_contains(CAST($model_groups AS VARCHAR[]), model_group))
    AND (len(CAST($deployments AS VARCHAR[])) = 0 OR list_contains(CAST($deployments AS VARCHAR[]), deployment))
GROUP BY moved_from, moved_to
ORDER BY moves DESC, moved_from, moved_to
LIMIT $rows
