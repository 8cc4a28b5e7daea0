-- Which attempts lie in a span of time, which of them pass the page's filters, and what did each cost?
-- An empty list is no filter. Rows that do not pass stay in, marked, so that a request can be judged by all its attempts.
CREATE OR REPLACE MACRO chosen_attempts(
    since, until, providers, models, model_groups, deployments, teams, users, tags_any
) AS TABLE
SELECT
    started_at,
    coalesce(trace_id, call_id) AS request_id,
    provider,
    model,
    model_group,
    deployment_id,
    upstream IS DISTINCT FROM false AS upstream,
    status,
    error_kind,
    provider_error,
    latency_us,
    ttft_us,
    input_tokens,
    cache_read_tokens,
    cache_write_5m_tokens,
    cache_write_1h_tokens,
    audio_input_tokens,
    image_input_tokens,
    output_tokens,
    reasoning_tokens,
    audio_output_tokens,
    image_output_tokens,
    coalesce(team_alias, team_id) AS team,
    user_id,
    end_user,
    coalesce(key_alias, key_hash) AS key_name,
    tags,
    metadata,
    book_saved_usd,
    CASE WHEN cost_usd IS NULL THEN high_cost_usd END AS unknown_high_usd,
    tokens_source,
    cost_usd,
    coalesce(
        input_tokens, cache_read_tokens, cache_write_5m_tokens, cache_write_1h_tokens, audio_input_tokens,
        image_input_tokens, output_tokens, reasoning_tokens, audio_output_tokens, image_output_tokens
    ) IS NOT NULL AS has_tokens,
    (len(CAST(providers AS VARCHAR[])) = 0
        OR coalesce(list_contains(CAST(providers AS VARCHAR[]), provider), false))
    AND (len(CAST(models AS VARCHAR[])) = 0
        OR coalesce(list_contains(CAST(models AS VARCHAR[]), model), false))
    AND (len(CAST(model_groups AS VARCHAR[])) = 0
        OR coalesce(list_contains(CAST(model_groups AS VARCHAR[]), model_group), false))
    AND (len(CAST(deployments AS VARCHAR[])) = 0
        OR coalesce(list_contains(CAST(deployments AS VARCHAR[]), deployment_id), false))
    AND (len(CAST(teams AS VARCHAR[])) = 0
        OR coalesce(list_contains(CAST(teams AS VARCHAR[]), coalesce(team_alias, team_id)), false))
    AND (len(CAST(users AS VARCHAR[])) = 0
        OR coalesce(list_contains(CAST(users AS VARCHAR[]), user_id), false)
        OR coalesce(list_contains(CAST(users AS VARCHAR[]), end_user), false))
    AND (len(CAST(tags_any AS VARCHAR[])) = 0
        OR coalesce(list_has_any(tags, CAST(tags_any AS VARCHAR[])), false))
        AS chosen
FROM costed_attempts(since, until);
