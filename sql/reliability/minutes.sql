-- In which minutes did which deployment end how many attempts, how many of them failed by its fault, and with what?
-- A minute has a row for each model and group. shared says that its provider has several deployments, which episodes
-- look at together, too. Only minutes that an episode could have to do with are there: those within two hours of one in
-- which a tenth of the attempts failed.
WITH chosen AS (
    SELECT *, epoch_us(bucket_at) // 3600000000 AS hour, coalesce(deployment_id, model) AS deployment
    FROM chosen_buckets(
        'reliability_minute', 'deployment', $start, $end, $providers, $models, $model_groups, $deployments
    )
    WHERE succeeded + failed > 0
),
several AS (
    SELECT provider FROM chosen GROUP BY provider HAVING count(DISTINCT deployment) > 1
),
hot AS (
    SELECT DISTINCT provider, hour
    FROM (
        SELECT provider, deployment, hour
        FROM chosen
        GROUP BY provider, deployment, hour, bucket_at
        HAVING sum(provider_errors) * 10 >= sum(succeeded + failed)
    )
),
near AS (
    SELECT DISTINCT provider, hour + step AS hour FROM hot, range(-2, 3) AS steps (step)
)
SELECT
    c.bucket_at,
    c.provider,
    c.deployment,
    coalesce(c.provider IN (FROM several), false) AS shared,
    c.succeeded + c.failed AS ended,
    c.provider_errors,
    c.errors
FROM chosen AS c
INNER JOIN near AS n ON c.provider IS NOT DISTINCT FROM n.provider AND c.hour = n.hour
