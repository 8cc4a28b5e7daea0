-- What did each value of a dimension cost in each stretch of time?
-- The dearest values by name, all others together under NULL; stretches are counted from 1970 in UTC.
WITH stretches AS (
    SELECT
        epoch_us(moment) // $width_us * $width_us AS bucket_us,
        {dimension} AS dimension_value,
        sum(cost_usd) AS spent_usd,
        sum(with_tokens) AS with_tokens,
        sum(unpriced) AS unpriced,
        sum(attempts) AS attempts
    FROM spending(
        '{rollup}', $start, $end, $providers, $models, $model_groups, $deployments, $teams, $users, $tags
    )
    WHERE {taken}
    GROUP BY ALL
),

ranked AS (
    SELECT
        dimension_value,
        row_number() OVER (ORDER BY sum(spent_usd) DESC NULLS LAST, sum(attempts) DESC, dimension_value ASC) AS place
    FROM stretches
    WHERE dimension_value IS NOT NULL
    GROUP BY dimension_value
)

SELECT
    bucket_us,
    if(place <= $series, stretches.dimension_value, NULL) AS dimension_value,
    sum(spent_usd) AS spent_usd,
    CAST(sum(with_tokens) AS BIGINT) AS with_tokens,
    CAST(sum(unpriced) AS BIGINT) AS unpriced,
    CAST(sum(attempts) AS BIGINT) AS attempts
FROM stretches
LEFT JOIN ranked ON stretches.dimension_value = ranked.dimension_value
GROUP BY ALL
ORDER BY bucket_us, dimension_value;
