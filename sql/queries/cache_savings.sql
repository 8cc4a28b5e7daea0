-- How much of the prompts came out of a cache, and what did LiteLLM's own cache save?
-- days = 30
SELECT
    provider,
    model,
    sum(cache_read_tokens) / nullif(sum(coalesce(input_tokens, 0) + coalesce(cache_read_tokens, 0)), 0) AS read_share,
    sum(cache_read_tokens) AS cache_read_tokens,
    count(*) FILTER (cache_hit) AS litellm_cache_hits,
    sum(book_saved_usd) AS litellm_cache_saved_usd
FROM attempts
WHERE started_at >= now() - to_days(CAST($days AS INTEGER))
GROUP BY provider, model
ORDER BY cache_read_tokens DESC NULLS LAST
