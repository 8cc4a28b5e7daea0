-- What was spent on each day, by all that spending can be told apart by?
CREATE OR REPLACE VIEW views.spend_daily AS
SELECT CAST(bucket_at AT TIME ZONE 'UTC' AS DATE) AS day, * EXCLUDE (bucket_at)
FROM raw.spend_day;
COMMENT ON VIEW views.spend_daily IS
    'One row per UTC day and combination of provider, model, team, user, key, tags and application. Sums can be added up again.';
