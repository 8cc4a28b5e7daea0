-- What did a budget's attempts cost in each hour of a span? Hours without any are left out.
SELECT epoch_us(bucket_at) // 3600000000 AS hour, CAST(sum(cost_usd) AS DOUBLE) AS spent_usd
FROM spend_hour
WHERE
    bucket_at >= $start AND bucket_at < $end
    AND counts_toward(
        provider, model, model_group, deployment_id, team, user_id, end_user, key_name, application, tags,
        $provider, $model, $model_group, $deployment, $team, $user, $end_user, $key, $application, $tag
    )
GROUP BY hour
ORDER BY hour
