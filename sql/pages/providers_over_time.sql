-- What did each provider cost, and how often did it fail, in each stretch of time?
-- The busiest providers by name, all others together under NULL; stretches are counted from 1970 in UTC.
WITH stretches AS (
    SELECT
        epoch_us(started_at) // $width_us * $width_us AS bucket_us,
        provider,
        sum(cost_usd) AS spent_usd,
        count(*) FILTER (has_usage AND cost_usd IS NULL) AS unpriced,
        count(*) FILTER (upstream) AS attempts,
        count(*) FILTER (upstream AND status IN ('success', 'failure')) AS ended,
        count(*) FILTER (provider_error) AS provider_errors
    FROM chosen_attempts(
        $start, $end, $providers, $models, $model_groups, $deployments, $teams, $users, $tags
    )
    WHERE chosen
    GROUP BY bucket_us, provider
),

ranked AS (
    SELECT
        provider,
        row_number() OVER (ORDER BY sum(attempts) DESC, provider ASC) AS place
    FROM stretches
    WHERE provider IS NOT NULL
    GROUP BY provider
)

SELECT
    bucket_us,
    if(place <= $series, stretches.provider, NULL) AS provider,
    sum(spent_usd) AS spent_usd,
    CAST(sum(unpriced) AS BIGINT) AS unpriced,
    CAST(sum(attempts) AS BIGINT) AS attempts,
    CAST(sum(ended) AS BIGINT) AS ended,
    CAST(sum(provider_errors) AS BIGINT) AS provider_errors
FROM stretches
LEFT JOIN ranked ON stretches.provider = ranked.provider
GROUP BY ALL
ORDER BY bucket_us, provider;
