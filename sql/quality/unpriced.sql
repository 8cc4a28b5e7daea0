-- Which models used tokens or other units in a span at a cost that nobody knows?
SELECT
    provider,
    model,
    count(*) AS attempts,
    CAST(sum(
        coalesce(input_tokens, 0) + coalesce(cache_read_tokens, 0) + coalesce(cache_write_5m_tokens, 0)
        + coalesce(cache_write_1h_tokens, 0) + coalesce(audio_input_tokens, 0) + coalesce(image_input_tokens, 0)
        + coalesce(output_tokens, 0) + coalesce(reasoning_tokens, 0) + coalesce(audio_output_tokens, 0)
        + coalesce(image_output_tokens, 0)
    ) AS BIGINT) AS tokens,
    max(started_at) AS last_used_at
FROM costed_attempts($start, $end)
WHERE
    cost_usd IS NULL
    AND (units IS NOT NULL OR coalesce(
        input_tokens, cache_read_tokens, cache_write_5m_tokens, cache_write_1h_tokens, audio_input_tokens,
        image_input_tokens, output_tokens, reasoning_tokens, audio_output_tokens, image_output_tokens
    ) IS NOT NULL)
GROUP BY provider, model
ORDER BY tokens DESC, provider, model
LIMIT $rows
