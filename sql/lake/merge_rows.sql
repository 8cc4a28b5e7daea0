-- The rows of several files as one, without those replaced long enough ago.
COPY (
    SELECT * FROM read_parquet($files, union_by_name = true)
    WHERE seq NOT IN (SELECT seq FROM read_parquet($replaced) WHERE since <= $applied)
) TO $path (FORMAT parquet, COMPRESSION zstd)
