-- What did a budget's attempts cost in each hour of a span? Hours without any are left out.
SELECT epoch_us(bucket_at) // 3600000000 AS hour, CAST(sum(cost_usd) AS DOUBLE) AS spent_usd
FROM spend_hour
WHERE
    bucket_at >= $start AND bucket_at < $end
    AND ($provider IS NULL OR provider = $provider)
    AND ($model IS NULL OR model = $model)
    AND ($model_group IS NULL OR model_group = $model_group)
    AND ($deployment IS NULL OR deployment_id = $deployment)
    AND ($end_user IS NULL OR end_user = $end_user)
    AND ($user IS NULL OR user_id = $user)
    AND ($tag IS NULL OR list_contains(tags, $tag))
    AND ($team IS NULL OR team = $team)
    AND ($key IS NULL OR key_name = $key)
    AND ($application IS NULL OR application = $application)
GROUP BY hour
ORDER BY hour
