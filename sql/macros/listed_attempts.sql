-- How is an attempt listed on the Calls page?
CREATE OR REPLACE MACRO listed_attempts(first_at, end_at) AS TABLE
SELECT
    seq,
    started_at,
    call_id AS call_key,
    request_id AS trace_key,
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
    coalesce(tokens, 0) AS tokens,
    cost_usd,
    team,
    user_id
FROM named_attempts(first_at, end_at);
