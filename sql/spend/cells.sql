-- What did the priced attempts of each value of a dimension, provider and model use and cost, in a period and the equal one before?
-- The values and models with the largest spending by name, all others together under NULL. Tokens are those of successes.
WITH cells AS (
    SELECT
        moment >= $start AS is_current,
        {dimension} AS dimension_value,
        provider,
        model,
        sum(priced_calls) AS calls,
        coalesce(sum(cost_usd), 0) - coalesce(sum(wasted_usd), 0) AS useful_usd,
        coalesce(sum(wasted_usd), 0) AS wasted_usd,
        sum(attempts) AS attempts,
        sum(with_tokens) AS with_tokens,
        sum(unpriced) AS unpriced,
        sum(input_tokens) AS input,
        sum(cache_read_tokens) AS cache_read,
        sum(cache_write_5m_tokens) AS cache_write_5m,
        sum(cache_write_1h_tokens) AS cache_write_1h,
        sum(audio_input_tokens) AS audio_input,
        sum(image_input_tokens) AS image_input,
        sum(output_tokens) AS output,
        sum(reasoning_tokens) AS reasoning,
        sum(audio_output_tokens) AS audio_output,
        sum(image_output_tokens) AS image_output
    FROM spending(
        '{rollup}', $previous_start, $end, $providers, $models, $model_groups, $deployments, $teams, $users, $tags
    )
    WHERE {taken}
    GROUP BY ALL
),

top_values AS (
    SELECT dimension_value
    FROM cells
    WHERE dimension_value IS NOT NULL
    GROUP BY dimension_value
    ORDER BY sum(useful_usd + wasted_usd) DESC, sum(attempts) DESC, dimension_value
    LIMIT $values
),

top_models AS (
    SELECT provider, model
    FROM cells
    GROUP BY provider, model
    ORDER BY sum(useful_usd + wasted_usd) DESC, provider, model
    LIMIT $models_named
)

SELECT
    is_current,
    if(dimension_value IN (SELECT dimension_value FROM top_values), dimension_value, NULL) AS named_value,
    if((provider, model) IN (SELECT (provider, model) FROM top_models), provider, NULL) AS named_provider,
    if((provider, model) IN (SELECT (provider, model) FROM top_models), model, NULL) AS named_model,
    CAST(sum(calls) AS BIGINT) AS calls,
    sum(useful_usd) AS useful_usd,
    sum(wasted_usd) AS wasted_usd,
    CAST(sum(attempts) AS BIGINT) AS attempts,
    CAST(sum(with_tokens) AS BIGINT) AS with_tokens,
    CAST(sum(unpriced) AS BIGINT) AS unpriced,
    CAST(coalesce(sum(input), 0) AS BIGINT) AS input,
    CAST(coalesce(sum(cache_read), 0) AS BIGINT) AS cache_read,
    CAST(coalesce(sum(cache_write_5m), 0) AS BIGINT) AS cache_write_5m,
    CAST(coalesce(sum(cache_write_1h), 0) AS BIGINT) AS cache_write_1h,
    CAST(coalesce(sum(audio_input), 0) AS BIGINT) AS audio_input,
    CAST(coalesce(sum(image_input), 0) AS BIGINT) AS image_input,
    CAST(coalesce(sum(output), 0) AS BIGINT) AS output,
    CAST(coalesce(sum(reasoning), 0) AS BIGINT) AS reasoning,
    CAST(coalesce(sum(audio_output), 0) AS BIGINT) AS audio_output,
    CAST(coalesce(sum(image_output), 0) AS BIGINT) AS image_output
FROM cells
GROUP BY ALL
ORDER BY ALL;
