-- Drops what the lake need not be told again: replaced sequences whose row stands in no file.
DELETE FROM replaced
WHERE seq <= $published AND seq NOT IN (SELECT seq FROM read_parquet($files))
