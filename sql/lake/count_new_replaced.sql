-- How many published rows have been replaced without the lake saying so yet?
SELECT count(*) FROM replaced
WHERE seq <= $published AND seq NOT IN (SELECT seq FROM read_parquet($known))
