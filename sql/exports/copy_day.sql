-- The attempts of one day, in the order in which they started, as a file.
COPY (
    SELECT * FROM attempts
    WHERE started_at >= make_timestamptz($since_us) AND started_at < make_timestamptz($until_us)
    ORDER BY started_at, call_id
) TO $path (FORMAT parquet, COMPRESSION zstd)
