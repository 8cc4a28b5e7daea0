-- One view of the lake, whole, as a file.
COPY (SELECT * FROM {view}) TO $path (FORMAT parquet, COMPRESSION zstd)
