-- All replaced sequences whose row still stands in some file, as one file.
COPY (
    SELECT seq, min(since) AS since FROM read_parquet($replaced)
    WHERE seq IN (SELECT seq FROM read_parquet($files))
    GROUP BY seq
) TO $path (FORMAT parquet, COMPRESSION zstd)
