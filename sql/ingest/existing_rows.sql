-- Which of these attempts have a row already? The bounds let DuckDB skip what is older or newer.
WITH asked AS (
    SELECT call_id AS text_id, started_us, id_of(call_id) AS call_id, make_timestamptz(started_us) AS started_at
    FROM touched
)
SELECT asked.text_id AS call_id, asked.started_us, attempts.seq AS row_seq, attempts.final AS row_final
FROM attempts
JOIN asked ON attempts.started_at = asked.started_at AND attempts.call_id = asked.call_id
WHERE attempts.started_at BETWEEN make_timestamptz($first_us) AND make_timestamptz($last_us)
