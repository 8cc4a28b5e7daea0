-- How many events were dropped by collectors, and how many lines could not be read, since a moment?
-- Processes report running totals, so the largest of a process is its total.
SELECT
    (
        SELECT CAST(coalesce(sum(dropped), 0) AS BIGINT)
        FROM (SELECT max(dropped) AS dropped, max(counted_at) AS counted_at FROM losses GROUP BY process_id)
        WHERE counted_at > make_timestamptz($since_us)
    ) AS dropped,
    (SELECT count(*) FROM quarantine WHERE found_at > make_timestamptz($since_us)) AS quarantined
