-- Which calls did keys, users or teams make, and what did each cost? The latest first.
SELECT
    call_id_text AS request_id, key_hash, user_id, team_id, cost_usd, cost_source, total_tokens,
    total_tokens - coalesce(output_tokens, 0) - coalesce(reasoning_tokens, 0) - coalesce(audio_output_tokens, 0)
        - coalesce(image_output_tokens, 0) AS prompt_tokens,
    started_at, ended_at, served_model, model, model_group, provider, call_type, cache_hit, tags, status, error_kind
FROM attempts
WHERE
    started_at >= $start AND started_at < $end
    AND ($key IS NULL OR key_hash = $key)
    AND ($user IS NULL OR user_id = $user)
    AND ($team IS NULL OR team_id = $team)
    AND ($request IS NULL OR call_id_text = $request)
ORDER BY started_at DESC
LIMIT $rows
