-- How many tokens of each class has each model used? The busiest by name, all others together.
SELECT
    provider_name AS provider,
    model_name AS model,
    CAST(coalesce(sum(input_tokens), 0) AS BIGINT) AS input,
    CAST(coalesce(sum(cache_read_tokens), 0) AS BIGINT) AS cache_read,
    CAST(coalesce(sum(cache_write_5m_tokens), 0) AS BIGINT) AS cache_write_5m,
    CAST(coalesce(sum(cache_write_1h_tokens), 0) AS BIGINT) AS cache_write_1h,
    CAST(coalesce(sum(audio_input_tokens), 0) AS BIGINT) AS audio_input,
    CAST(coalesce(sum(image_input_tokens), 0) AS BIGINT) AS image_input,
    CAST(coalesce(sum(output_tokens), 0) AS BIGINT) AS output,
    CAST(coalesce(sum(reasoning_tokens), 0) AS BIGINT) AS reasoning,
    CAST(coalesce(sum(audio_output_tokens), 0) AS BIGINT) AS audio_output,
    CAST(coalesce(sum(image_output_tokens), 0) AS BIGINT) AS image_output
FROM spend_day AS d
JOIN busiest_models($most) AS r ON d.provider IS NOT DISTINCT FROM r.provider AND d.model IS NOT DISTINCT FROM r.model
GROUP BY provider_name, model_name
ORDER BY provider_name, model_name
