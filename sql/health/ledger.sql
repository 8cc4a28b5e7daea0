-- How much is in the ledger, how new is it, and what went wrong on the way in?
SELECT
    (SELECT count(*) FROM attempts) AS attempts,
    (SELECT epoch_us(max(started_at)) FROM attempts) AS newest_attempt_us,
    (SELECT max(seq) FROM attempts) AS newest_seq,
    (SELECT count(*) FROM (SELECT DISTINCT call_id, started_us FROM attempt_events WHERE NOT written)) AS open_attempts,
    (SELECT min(started_us) FROM attempt_events WHERE NOT written) AS oldest_open_us,
    (SELECT count(*) FROM quarantine) AS quarantined,
    (SELECT count(*) FROM quarantine WHERE found_at > make_timestamptz($since_us)) AS quarantined_lately,
    (SELECT CAST(coalesce(sum(dropped), 0) AS BIGINT) FROM views.losses) AS dropped,
    (SELECT CAST(coalesce(sum(guarded_errors), 0) AS BIGINT) FROM views.losses) AS guarded_errors,
    (SELECT CAST(coalesce(sum(dropped), 0) AS BIGINT) FROM views.losses WHERE counted_at > make_timestamptz($since_us))
        AS dropped_lately
