-- What makes up a span of reliability: days where it has whole ones, hours and minutes around them, and at its ends, where
-- it cuts a bucket in two, single attempts?
CREATE OR REPLACE MACRO chosen_stretches(
    called_by, first_at, minutes_at, hours_at, days_at, days_end, hours_end, minutes_end, end_at,
    providers, models, model_groups, deployments
) AS TABLE
SELECT *
FROM chosen_buckets('reliability_minute', called_by, minutes_at, hours_at, providers, models, model_groups, deployments)
UNION ALL
SELECT *
FROM chosen_buckets('reliability_hour', called_by, hours_at, days_at, providers, models, model_groups, deployments)
UNION ALL
SELECT *
FROM chosen_buckets('reliability_day', called_by, days_at, days_end, providers, models, model_groups, deployments)
UNION ALL
SELECT *
FROM chosen_buckets('reliability_hour', called_by, days_end, hours_end, providers, models, model_groups, deployments)
UNION ALL
SELECT *
FROM chosen_buckets('reliability_minute', called_by, hours_end, minutes_end, providers, models, model_groups, deployments)
UNION ALL BY NAME
SELECT *
FROM chosen_singles(called_by, first_at, minutes_at, providers, models, model_groups, deployments)
UNION ALL BY NAME
SELECT *
FROM chosen_singles(called_by, minutes_end, end_at, providers, models, model_groups, deployments);
