-- What have attempts cost since each of some moments, by the values that budgets name? For all budgets at once.
WITH starts AS (
    SELECT unnest(CAST($starts AS TIMESTAMPTZ[])) AS start
),

pieces AS (
    SELECT * FROM spend_pieces(CAST($starts AS TIMESTAMPTZ[]), $first, CAST($at AS TIMESTAMPTZ))
)

SELECT
    epoch_us(start) AS start_us,
    provider_named.value AS provider,
    model_named.value AS model,
    model_group_named.value AS model_group,
    deployment_named.value AS deployment,
    team_named.value AS team,
    user_named.value AS "user",
    end_user_named.value AS end_user,
    key_named.value AS "key",
    application_named.value AS application,
    list_sort(list_intersect(tags, CAST($tag AS VARCHAR[]))) AS tag,
    CAST(sum(attempts) AS BIGINT) AS attempts,
    CAST(sum(unpriced) AS BIGINT) AS unpriced,
    sum(cost_usd) AS spent_usd,
    sum(high_usd) AS open_usd
FROM pieces
ASOF JOIN starts ON pieces.moment >= starts.start
LEFT JOIN (SELECT unnest(CAST($provider AS VARCHAR[])) AS value) AS provider_named ON pieces.provider = provider_named.value
LEFT JOIN (SELECT unnest(CAST($model AS VARCHAR[])) AS value) AS model_named ON pieces.model = model_named.value
LEFT JOIN (SELECT unnest(CAST($model_group AS VARCHAR[])) AS value) AS model_group_named ON pieces.model_group = model_group_named.value
LEFT JOIN (SELECT unnest(CAST($deployment AS VARCHAR[])) AS value) AS deployment_named ON pieces.deployment_id = deployment_named.value
LEFT JOIN (SELECT unnest(CAST($team AS VARCHAR[])) AS value) AS team_named ON pieces.team = team_named.value
LEFT JOIN (SELECT unnest(CAST($user AS VARCHAR[])) AS value) AS user_named ON pieces.user_id = user_named.value
LEFT JOIN (SELECT unnest(CAST($end_user AS VARCHAR[])) AS value) AS end_user_named ON pieces.end_user = end_user_named.value
LEFT JOIN (SELECT unnest(CAST($key AS VARCHAR[])) AS value) AS key_named ON pieces.key_name = key_named.value
LEFT JOIN (SELECT unnest(CAST($application AS VARCHAR[])) AS value) AS application_named ON pieces.application = application_named.value
GROUP BY ALL
