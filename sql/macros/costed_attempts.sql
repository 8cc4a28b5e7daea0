-- Which attempts lie in a span of time, what did each cost, and was its failure the provider's?
-- The one place that says so for everything computed in the ledger; the view attempts says the same.
CREATE OR REPLACE MACRO costed_attempts(first_at, end_at) AS TABLE
SELECT
    *,
    -- An estimate of a call that broke off is no cost.
    CASE
        WHEN adjusted_usd IS NOT NULL THEN adjusted_usd
        WHEN status = 'success' OR tokens_source = 'reported'
            THEN coalesce(provider_cost_usd, book_cost_usd, litellm_cost_usd)
        ELSE provider_cost_usd
    END AS cost_usd,
    coalesce(metadata ->> '$.application', metadata ->> '$.app') AS application,
    -- The provider cannot answer for a request that no provider could have served.
    upstream IS DISTINCT FROM false AND status = 'failure'
        AND coalesce(error_kind, 'unknown') NOT IN ('bad_request', 'context_window', 'content_policy', 'rejected')
        AS provider_error
FROM attempts
WHERE started_at >= first_at AND started_at < end_at;
