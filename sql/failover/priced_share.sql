-- Of how many attempts that used something is the cost known? The share, NULL where nothing was used.
SELECT sum(priced) / nullif(sum(priced) + sum(unpriced), 0) AS priced_share
FROM {table}
WHERE
    bucket_at >= $start AND bucket_at < $end
    AND (len($providers::VARCHAR[]) = 0 OR list_contains($providers::VARCHAR[], provider))
    AND (len($models::VARCHAR[]) = 0 OR list_contains($models::VARCHAR[], model))
    AND (len($model_groups::VARCHAR[]) = 0 OR list_contains($model_groups::VARCHAR[], model_group))
    AND (len($deployments::VARCHAR[]) = 0 OR list_contains($deployments::VARCHAR[], deployment_id))
