-- What would traffic over nine deployments look like? Every 20th attempt fails and the next one answers its request, at
-- another deployment; the deployment says which provider, model and group.
INSERT INTO attempts BY NAME
SELECT
    i AS seq,
    $start::TIMESTAMPTZ + to_microseconds((i - $first) * $step_us) AS started_at,
    md5('call' || i)::UUID AS call_id,
    md5('request' || if(i % 20 = 1, i - 1, i))::UUID AS trace_id,
    CAST(200000 + hash(i) % 3000000 AS BIGINT) AS latency_us,
    if(i % 3 = 0, CAST(100000 + hash(i + 7) % 800000 AS BIGINT), NULL) AS ttft_us,
    ['openai', 'anthropic', 'gemini'][1 + deployment % 3] AS provider,
    ['gpt-4o', 'claude-sonnet-4', 'gemini-2.5-pro', 'gpt-4o-mini', 'claude-haiku-4', 'gemini-2.5-flash', 'o3',
        'claude-opus-4', 'gemini-2.0-flash'][1 + deployment] AS model,
    'group' || deployment // 3 AS model_group,
    'deployment' || deployment AS deployment_id,
    true AS upstream,
    i % 3 = 0 AS streaming,
    if(i % 20 = 0, 'failure', 'success') AS status,
    true AS final,
    if(i % 20 = 0, ['server', 'rate_limit', 'timeout'][1 + CAST(hash(i) % 3 AS BIGINT)], NULL) AS error_kind,
    if(i % 20 <> 0, CAST(hash(i + 2) % 4000 AS BIGINT), NULL) AS input_tokens,
    if(i % 20 <> 0, CAST(hash(i + 3) % 2000 AS BIGINT), NULL) AS cache_read_tokens,
    if(i % 20 <> 0, CAST(hash(i + 4) % 600 AS BIGINT), NULL) AS output_tokens,
    if(i % 20 <> 0, 'reported', NULL) AS tokens_source,
    if(i % 20 <> 0 AND i % 50 <> 7, 0.000123456789::DECIMAL(18, 12), NULL) AS litellm_cost_usd,
    'user' || hash(i + 6) % 500 AS user_id,
    'team' || hash(i + 8) % 20 AS team_alias,
    ['prod'] AS tags
FROM (
    SELECT i, if(i % 20 = 1, (i - 1) % 7 + 1, i % 7) AS deployment FROM range($first::BIGINT, $last::BIGINT) AS numbers (i)
);
