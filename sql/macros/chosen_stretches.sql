-- Which buckets of the rollups of reliability make up a span: days where it has whole ones, hours and minutes around them?
CREATE OR REPLACE MACRO chosen_stretches(
    called_by, first_at, hours_at, days_at, days_end, hours_end, end_at, providers, models, model_groups, deployments
) AS TABLE
SELECT *
FROM chosen_buckets('reliability_minute', called_by, first_at, hours_at, providers, models, model_groups, deployments)
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
FROM chosen_buckets('reliability_minute', called_by, hours_end, end_at, providers, models, model_groups, deployments);
