-- Which attempts of a span of time can the price book speak about? What the provider reported as its cost stands.
SELECT
    seq, provider, model, served_model, epoch_us(started_at) AS started_us, cache_hit, usage, units, cost_breakdown, api_base,
    input_tokens, cache_read_tokens, cache_write_5m_tokens, cache_write_1h_tokens, audio_input_tokens,
    image_input_tokens, output_tokens, reasoning_tokens, audio_output_tokens, image_output_tokens
FROM attempts
WHERE
    started_at >= make_timestamptz($since_us)
    AND started_at < make_timestamptz($until_us)
    AND provider_cost_usd IS NULL
    AND (status = 'success' OR tokens_source = 'reported')
