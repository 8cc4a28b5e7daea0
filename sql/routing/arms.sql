-- How did requests end that routing acted on, and those it only recorded a choice for, in each mode?
WITH arms AS (
    SELECT
        trace_id,
        arg_min(mode, decided_at) AS mode,
        bool_or(acted) AS acted,
        arg_min(
            list_extract(CAST(decision -> '$.scores' AS DOUBLE[]), CAST(decision ->> '$.chosen' AS INTEGER) + 1), decided_at
        ) AS expected_usd
    FROM decisions
    WHERE
        decided_at >= $start AND decided_at < $end AND trace_id IS NOT NULL
        AND (len(CAST($model_groups AS VARCHAR[])) = 0 OR list_contains(CAST($model_groups AS VARCHAR[]), model_group))
    GROUP BY trace_id
)
SELECT
    mode,
    acted,
    count(*) AS requests,
    avg(CAST(answered AS INTEGER)) AS answered,
    avg(cost_usd) AS cost_usd,
    count(cost_usd) / count(*) AS priced_share,
    avg(expected_usd) AS expected_usd
FROM arms
INNER JOIN traced_requests($start, $end) USING (trace_id)
GROUP BY mode, acted
ORDER BY mode, acted DESC
