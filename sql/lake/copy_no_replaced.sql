-- The columns of the replaced sequences without a row, as a file.
COPY (SELECT CAST(NULL AS BIGINT) AS seq, CAST(NULL AS BIGINT) AS since WHERE false)
TO $path (FORMAT parquet, COMPRESSION zstd)
