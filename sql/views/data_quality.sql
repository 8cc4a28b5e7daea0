-- How far can each day be trusted: how much of it is priced, by whom, and what had to be guessed or repaired?
CREATE OR REPLACE VIEW views.data_quality AS
SELECT
    CAST(started_at AT TIME ZONE 'UTC' AS DATE) AS day,
    count(*) AS attempts,
    count(*) FILTER (WHERE total_tokens IS NOT NULL OR units IS NOT NULL) AS with_tokens,
    count(*) FILTER (WHERE (total_tokens IS NOT NULL OR units IS NOT NULL) AND cost_usd IS NULL) AS unpriced,
    count(*) FILTER (WHERE (total_tokens IS NOT NULL OR units IS NOT NULL) AND cost_usd IS NOT NULL)
        / nullif(count(*) FILTER (WHERE total_tokens IS NOT NULL OR units IS NOT NULL), 0) AS priced_share,
    count(*) FILTER (WHERE total_tokens IS NOT NULL AND tokens_source = 'estimated') AS estimated,
    count(*) FILTER (WHERE cost_usd IS NULL AND high_cost_usd IS NOT NULL) AS bounded,
    sum(high_cost_usd) FILTER (WHERE cost_usd IS NULL) AS bounded_usd,
    count(*) FILTER (WHERE cost_source = 'adjusted') AS adjusted,
    count(*) FILTER (WHERE list_contains(flags, 'clock')) AS clock,
    count(*) FILTER (WHERE list_contains(flags, 'tokens_inconsistent')) AS inconsistent,
    count(*) FILTER (WHERE list_contains(flags, 'no_payload') OR list_contains(flags, 'no_call_id')) AS incomplete
FROM views.attempts
GROUP BY day;
COMMENT ON VIEW views.data_quality IS 'One row per UTC day: counts of attempts whose figures are unknown, guessed or repaired.';
