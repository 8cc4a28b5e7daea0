-- How is an attempt listed on the Calls page?
CREATE OR REPLACE MACRO listed_attempts(first_at, end_at) AS TABLE
SELECT
    seq,
    started_at,
    call_id AS call_key,
    coalesce(trace_id, call_id) AS trace_key,
    response_id,
    team_id,
    end_user,
    tags,
    coalesce(call_id_text, CAST(call_id AS VARCHAR)) AS call_id,
    coalesce(trace_id_text, CAST(trace_id AS VARCHAR), call_id_text, CAST(call_id AS VARCHAR)) AS request_id,
    provider,
    model,
    model_group,
    deployment_id AS deployment,
    status,
    error_kind,
    latency_us,
    coalesce(input_tokens, 0) + coalesce(cache_read_tokens, 0) + coalesce(cache_write_5m_tokens, 0)
        + coalesce(cache_write_1h_tokens, 0) + coalesce(audio_input_tokens, 0) + coalesce(image_input_tokens, 0)
        + coalesce(output_tokens, 0) + coalesce(reasoning_tokens, 0) + coalesce(audio_output_tokens, 0)
        + coalesce(image_output_tokens, 0) AS tokens,
    cost_usd,
    coalesce(team_alias, team_id) AS team,
    user_id
FROM costed_attempts(first_at, end_at);
