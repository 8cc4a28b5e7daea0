-- What can be said of the data without the ledger, from the lake alone?
SELECT
    (SELECT count(*) FROM attempts) AS attempts,
    (SELECT epoch_us(max(started_at)) FROM attempts) AS newest_attempt_us,
    (SELECT max(seq) FROM attempts) AS newest_seq,
    (SELECT CAST(coalesce(sum(lines), 0) AS BIGINT) FROM quarantine) AS quarantined,
    (SELECT CAST(coalesce(sum(lines), 0) AS BIGINT) FROM quarantine WHERE last_found_at > make_timestamptz($since_us))
        AS quarantined_lately,
    (SELECT CAST(coalesce(sum(dropped), 0) AS BIGINT) FROM losses) AS dropped,
    (SELECT CAST(coalesce(sum(guarded_errors), 0) AS BIGINT) FROM losses) AS guarded_errors,
    (SELECT CAST(coalesce(sum(dropped), 0) AS BIGINT) FROM losses WHERE counted_at > make_timestamptz($since_us)) AS dropped_lately
