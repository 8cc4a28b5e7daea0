-- Takes out rows whose replacement was taken over too.
DELETE FROM attempts
WHERE seq IN (
    SELECT seq FROM read_parquet($files) WHERE since <= (SELECT max(seq) FROM attempts)
)
