-- Takes out rows whose replacement was taken over too, by one file of the lake.
DELETE FROM attempts
WHERE seq > $last AND seq IN (
    SELECT seq FROM read_parquet($file) WHERE since <= (SELECT max(seq) FROM attempts)
)
