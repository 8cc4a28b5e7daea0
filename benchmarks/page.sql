-- What would a month of traffic look like? Every 20th attempt fails and the next one answers its request elsewhere.
-- Forty sessions of forty attempts run beside each other; a session is one of 5,000 users in one application on one deployment.
INSERT INTO attempts BY NAME
SELECT
    i AS seq,
    $until::TIMESTAMPTZ - to_microseconds(($attempts - 1 - i) * (2592000000000 // $attempts)) AS started_at,
    md5('call' || i)::UUID AS call_id,
    md5('request' || if(i % 20 = 1, i - 1, i))::UUID AS trace_id,
    CAST(200000 + hash(i) % 3000000 AS BIGINT) AS latency_us,
    if(i % 3 = 0, CAST(100000 + hash(i + 7) % 800000 AS BIGINT), NULL) AS ttft_us,
    ['openai', 'anthropic', 'gemini', 'azure'][1 + place % 4] AS provider,
    ['gpt-4o', 'claude-sonnet-4', 'gemini-2.5-pro', 'gpt-4o-mini', 'o3'][1 + place % 5] AS model,
    'group' || place % 3 AS model_group,
    'deployment' || place AS deployment_id,
    true AS upstream,
    i % 3 = 0 AS streaming,
    if(i % 20 = 0, 'failure', 'success') AS status,
    true AS final,
    if(i % 20 = 0, ['server', 'rate_limit', 'timeout'][1 + CAST(hash(i) % 3 AS BIGINT)], NULL) AS error_kind,
    if(i % 20 <> 0, CAST(hash(i + 2) % 4000 AS BIGINT), NULL) AS input_tokens,
    if(i % 20 <> 0, CAST(hash(i + 3) % 2000 AS BIGINT), NULL) AS cache_read_tokens,
    if(i % 20 <> 0, CAST(hash(i + 4) % 600 AS BIGINT), NULL) AS output_tokens,
    'reported' AS tokens_source,
    if(i % 20 <> 0 AND i % 50 <> 7, 0.000123456789::DECIMAL(18, 12), NULL) AS litellm_cost_usd,
    'user' || person AS user_id,
    'team' || person % 20 AS team_alias,
    'key' || person % 200 AS key_alias,
    ['tag' || person % 10, 'prod'] AS tags,
    '{"application": "app' || person % 12 || '"}' AS metadata
FROM (
    SELECT
        i,
        i // 1600 * 40 + i % 40 AS talk,
        CAST(hash(talk) % 5000 AS BIGINT) AS person,
        CAST((hash(talk + 1) + if(i % 20 = 1, 1, 0)) % 60 AS BIGINT) AS place
    FROM range($first::BIGINT, $last::BIGINT) AS numbers (i)
);
