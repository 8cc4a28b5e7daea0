-- Takes out rows of attempts that have a later one.
DELETE FROM attempts
WHERE seq IN (
    SELECT seq FROM attempts WHERE seq > $last
    QUALIFY row_number() OVER (PARTITION BY started_at, call_id ORDER BY seq DESC) > 1
)
