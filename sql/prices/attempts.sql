-- Which attempts with usage started in a span of time, and what was recorded as their cost?
SELECT
    provider, model, served_model, epoch_us(started_at) AS started_us, cache_hit, usage, units, cost_breakdown, api_base,
    input_tokens, cache_read_tokens, cache_write_5m_tokens, cache_write_1h_tokens, audio_input_tokens,
    image_input_tokens, output_tokens, reasoning_tokens, audio_output_tokens, image_output_tokens,
    CAST(cost_usd * 1000000000000 AS BIGINT) AS recorded_pusd
FROM attempts
WHERE started_at >= make_timestamptz($since_us) AND started_at < make_timestamptz($until_us) AND (total_tokens IS NOT NULL OR units IS NOT NULL)
