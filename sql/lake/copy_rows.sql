-- The rows of one span of sequences, in the order of ingest, as a file.
COPY (SELECT * FROM attempts WHERE seq >= $first AND seq <= $last)
TO $path (FORMAT parquet, COMPRESSION zstd)
