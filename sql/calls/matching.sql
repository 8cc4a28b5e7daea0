-- Which attempts of a span are like this? First they are found by what must be known of each, then read in full.
SELECT * EXCLUDE (seq, call_key, trace_key, response_id, team_id, end_user, tags)
FROM listed_attempts($start, $end)
WHERE
    seq IN (
        SELECT seq
        FROM listed_attempts($start, $end)
        WHERE
            passes(
                provider, model, model_group, deployment, team, user_id, end_user, tags,
                $providers, $models, $model_groups, $deployments, $teams, $users, $tags
            )
            AND (len($statuses::VARCHAR[]) = 0 OR list_contains($statuses::VARCHAR[], status))
            AND (len($errors::VARCHAR[]) = 0 OR list_contains($errors::VARCHAR[], error_kind))
            AND ($least_usd::DECIMAL(18, 12) IS NULL OR cost_usd >= $least_usd::DECIMAL(18, 12))
            AND ($least_us::BIGINT IS NULL OR latency_us >= $least_us)
        ORDER BY {order} DESC NULLS LAST, started_at DESC, seq DESC
        LIMIT $rows
    )
ORDER BY {order} DESC NULLS LAST, started_at DESC, seq DESC
