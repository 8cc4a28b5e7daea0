-- The columns of attempts without a row, as a file.
COPY (SELECT * FROM attempts WHERE false) TO $path (FORMAT parquet, COMPRESSION zstd)
