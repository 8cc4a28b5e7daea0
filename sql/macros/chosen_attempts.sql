-- Which attempts lie in a span of time, which of them pass the page's filters, and what did each cost?
-- An empty list is no filter. Rows that do not pass stay in, marked, so that a request can be judged by all its attempts.
CREATE OR REPLACE MACRO chosen_attempts(
    first_at, end_at, providers, models, model_groups, deployments, teams, users, tags_any
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
    application,
    book_saved_usd,
    CASE WHEN cost_usd IS NULL THEN high_cost_usd END AS unknown_high_usd,
    tokens_source,
    cost_usd,
    coalesce(
        input_tokens, cache_read_tokens, cache_write_5m_tokens, cache_write_1h_tokens, audio_input_tokens,
        image_input_tokens, output_tokens, reasoning_tokens, audio_output_tokens, image_output_tokens
    ) IS NOT NULL AS has_tokens,
    has_tokens OR units IS NOT NULL AS has_usage,
    CASE
        WHEN has_tokens
            THEN coalesce(input_tokens, 0) + coalesce(cache_read_tokens, 0) + coalesce(cache_write_5m_tokens, 0)
            + coalesce(cache_write_1h_tokens, 0) + coalesce(audio_input_tokens, 0) + coalesce(image_input_tokens, 0)
            + coalesce(output_tokens, 0) + coalesce(reasoning_tokens, 0) + coalesce(audio_output_tokens, 0)
            + coalesce(image_output_tokens, 0)
    END AS tokens,
    passes(
        provider, model, model_group, deployment_id, coalesce(team_alias, team_id), user_id, end_user, tags,
        providers, models, model_groups, deployments, teams, users, tags_any
    ) AS chosen
FROM costed_attempts(first_at, end_at);
