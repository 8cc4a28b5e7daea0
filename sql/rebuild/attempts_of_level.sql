-- Takes over from one level of the lake what lies beyond the levels above it.
INSERT INTO attempts BY NAME
SELECT * FROM read_parquet($files, union_by_name = true)
WHERE seq > (SELECT coalesce(max(seq), -1) FROM attempts)
ORDER BY seq
