-- A file of the lake with other values in the place of some.
COPY (SELECT * REPLACE ({columns}) FROM read_parquet($file)) TO $path (FORMAT parquet, COMPRESSION zstd)
