-- The published rows that have been replaced since, as a file that holds from the next rows on.
COPY (
    SELECT DISTINCT seq, CAST($since AS BIGINT) AS since FROM replaced
    WHERE seq <= $published AND seq NOT IN (SELECT seq FROM read_parquet($known))
) TO $path (FORMAT parquet, COMPRESSION zstd)
