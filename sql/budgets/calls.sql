-- When did each of a budget's attempts that cost something end and start, and what did it cost?
-- A cost is known when the attempt ends; an unknown latency counts as none.
SELECT
    epoch_us(started_at) + coalesce(latency_us, 0) AS ended_us,
    CAST(epoch_us(started_at) AS BIGINT) AS started_us,
    cost_usd
FROM named_attempts($start, $end)
WHERE
    cost_usd > 0
    AND counts_toward(
        provider, model, model_group, deployment_id, team, user_id, end_user, key_name, application, tags,
        $provider, $model, $model_group, $deployment, $team, $user, $end_user, $key, $application, $tag
    )
ORDER BY ended_us, started_us
