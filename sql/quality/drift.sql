-- Where do the price book and LiteLLM, or the provider and the price book, say different things about the same attempts?
SELECT
    provider,
    model,
    count(*) AS attempts,
    sum(book_usd) AS book_usd,
    sum(litellm_cost_usd) AS litellm_usd,
    sum(provider_cost_usd) AS provider_usd
FROM (
    SELECT *, CASE WHEN book_agrees THEN litellm_cost_usd ELSE book_cost_usd END AS book_usd
    FROM costed_attempts($start, $end)
    WHERE status = 'success'
)
WHERE
    (book_usd IS NOT NULL AND litellm_cost_usd IS NOT NULL AND book_usd <> litellm_cost_usd)
    OR (provider_cost_usd IS NOT NULL AND book_usd IS NOT NULL AND provider_cost_usd <> book_usd)
GROUP BY provider, model
ORDER BY attempts DESC, provider, model
LIMIT $rows
