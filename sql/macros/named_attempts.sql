-- Which attempts lie in a span of time, of which request, team and key, and how many tokens did each use in all?
-- tokens is NULL only where no class of tokens is known; has_tokens says the same and is cheaper; has_usage counts
-- what is billed by other units, too.
CREATE OR REPLACE MACRO named_attempts(first_at, end_at) AS TABLE
SELECT
    seq,
    started_at,
    call_id,
    call_id_text,
    coalesce(trace_id, call_id) AS request_id,
    trace_id,
    trace_id_text,
    response_id,
    provider,
    model,
    model_group,
    original_model_group,
    deployment_id,
    team_id,
    coalesce(team_alias, team_id) AS team,
    user_id,
    end_user,
    coalesce(key_alias, key_hash) AS key_name,
    tags,
    application,
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
    tokens_source,
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
    cost_usd,
    CASE WHEN cost_usd IS NULL THEN high_cost_usd END AS unknown_high_usd,
    book_saved_usd
FROM costed_attempts(first_at, end_at);
