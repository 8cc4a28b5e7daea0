-- The latest decisions as a file; the ledger has the others.
COPY (SELECT * FROM decisions ORDER BY decided_at DESC LIMIT 5000) TO $path (FORMAT parquet, COMPRESSION zstd)
