-- Which attempts lie in these buckets, and what is added up of each?
SELECT
    epoch_us(started_at) AS started_us,
    provider, model, model_group, deployment_id, coalesce(team_alias, team_id) AS team, user_id, end_user,
    coalesce(key_alias, key_hash) AS key_name, list_sort(tags) AS tags, application,
    upstream, status, error_kind, provider_error, latency_us, ttft_us, tokens_source, units IS NOT NULL AS has_units,
    input_tokens, cache_read_tokens, cache_write_5m_tokens, cache_write_1h_tokens, audio_input_tokens,
    image_input_tokens, output_tokens, reasoning_tokens, audio_output_tokens, image_output_tokens,
    cost_usd, high_cost_usd, book_saved_usd
FROM costed_attempts(make_timestamptz($first_us), make_timestamptz($end_us))
WHERE epoch_us(started_at) // $width_us * $width_us IN (SELECT bucket_us FROM touched)
