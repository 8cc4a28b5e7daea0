-- Of how many attempts that used something is the cost known? The share, NULL where nothing was used.
SELECT sum(priced) / nullif(sum(priced) + sum(unpriced), 0) AS priced_share
FROM chosen_stretches(
    'provider', $start, $minutes_at, $hours_at, $days_at, $days_end, $hours_end, $minutes_end, $end,
    $providers, $models, $model_groups, $deployments
)
