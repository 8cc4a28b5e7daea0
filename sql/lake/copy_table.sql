-- One small table as a file; without the text of quarantined lines, which may be anything.
COPY (SELECT COLUMNS(lambda name: name <> 'line') FROM {table}) TO $path (FORMAT parquet, COMPRESSION zstd)
