-- The latest three days of a rollup as a file; the ledger has the others.
COPY (
    SELECT * FROM {table} WHERE bucket_at >= (SELECT max(bucket_at) FROM {table}) - INTERVAL 73 HOUR
) TO $path (FORMAT parquet, COMPRESSION zstd)
