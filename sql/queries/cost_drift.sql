-- Where do the price book, LiteLLM and the provider disagree about what a model cost?
-- days = 30
SELECT
    provider,
    model,
    count(*) AS attempts,
    sum(booked_by_book_usd) AS by_book_usd,
    sum(litellm_cost_usd) AS by_litellm_usd,
    sum(provider_cost_usd) AS by_provider_usd
FROM attempts
WHERE
    started_at >= now() - to_days(CAST($days AS INTEGER))
    AND booked_by_book_usd IS DISTINCT FROM coalesce(provider_cost_usd, litellm_cost_usd)
    AND coalesce(booked_by_book_usd, provider_cost_usd, litellm_cost_usd) IS NOT NULL
GROUP BY provider, model
ORDER BY attempts DESC
