-- What was spent in a span of time, attempt by attempt, by those that pass the page's filters?
-- The columns are those of the spend rollup, so that either can be summed; tokens by class are of successes of known cost.
CREATE OR REPLACE MACRO spent_attempts(
    first_at, end_at, providers, models, model_groups, deployments, teams, users, tags_any
) AS TABLE
SELECT
    started_at AS moment,
    provider,
    model,
    model_group,
    deployment_id,
    team,
    user_id,
    end_user,
    key_name,
    tags,
    application,
    CAST(upstream AS BIGINT) AS attempts,
    CAST(status = 'success' AS BIGINT) AS calls,
    CAST(status = 'success' AND cost_usd IS NOT NULL AS BIGINT) AS priced_calls,
    CAST(has_usage AS BIGINT) AS with_tokens,
    CAST(has_usage AND cost_usd IS NULL AS BIGINT) AS unpriced,
    CAST(has_tokens AND tokens_source IS NOT DISTINCT FROM 'estimated' AS BIGINT) AS estimated,
    cost_usd,
    CASE WHEN status <> 'success' THEN cost_usd END AS wasted_usd,
    unknown_high_usd AS high_usd,
    book_saved_usd AS cache_saved_usd,
    tokens,
    CASE WHEN cost_usd IS NOT NULL THEN tokens END AS priced_tokens,
    CASE WHEN status = 'success' AND cost_usd IS NOT NULL THEN input_tokens END AS input_tokens,
    CASE WHEN status = 'success' AND cost_usd IS NOT NULL THEN cache_read_tokens END AS cache_read_tokens,
    CASE WHEN status = 'success' AND cost_usd IS NOT NULL THEN cache_write_5m_tokens END AS cache_write_5m_tokens,
    CASE WHEN status = 'success' AND cost_usd IS NOT NULL THEN cache_write_1h_tokens END AS cache_write_1h_tokens,
    CASE WHEN status = 'success' AND cost_usd IS NOT NULL THEN audio_input_tokens END AS audio_input_tokens,
    CASE WHEN status = 'success' AND cost_usd IS NOT NULL THEN image_input_tokens END AS image_input_tokens,
    CASE WHEN status = 'success' AND cost_usd IS NOT NULL THEN output_tokens END AS output_tokens,
    CASE WHEN status = 'success' AND cost_usd IS NOT NULL THEN reasoning_tokens END AS reasoning_tokens,
    CASE WHEN status = 'success' AND cost_usd IS NOT NULL THEN audio_output_tokens END AS audio_output_tokens,
    CASE WHEN status = 'success' AND cost_usd IS NOT NULL THEN image_output_tokens END AS image_output_tokens
FROM chosen_attempts(
    first_at, end_at, providers, models, model_groups, deployments, teams, users, tags_any
)
WHERE chosen;
