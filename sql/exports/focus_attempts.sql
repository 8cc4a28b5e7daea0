-- Which attempts that cost something, or used something, started on a day?
SELECT
    provider, model, served_model, epoch_us(started_at) AS started_us, cache_hit, usage, units, cost_breakdown, api_base,
    input_tokens, cache_read_tokens, cache_write_5m_tokens, cache_write_1h_tokens, audio_input_tokens,
    image_input_tokens, output_tokens, reasoning_tokens, audio_output_tokens, image_output_tokens, total_tokens,
    team_id, coalesce(team_alias, team_id) AS team, coalesce(key_alias, key_hash) AS key_name, tags,
    cost_usd, cost_source
FROM attempts
WHERE started_at >= make_timestamptz($since_us) AND started_at < make_timestamptz($until_us)
    AND upstream IS DISTINCT FROM false AND NOT coalesce(cache_hit, false)
    AND (cost_usd IS NOT NULL OR total_tokens IS NOT NULL OR units IS NOT NULL)
