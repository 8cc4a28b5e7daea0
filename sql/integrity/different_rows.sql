-- How many rows of one published file are not in the ledger as they stand there, those replaced since left out?
WITH published AS (
    SELECT * FROM read_parquet($file)
    WHERE seq NOT IN (SELECT seq FROM read_parquet($replaced))
      AND seq NOT IN (SELECT seq FROM replaced)
),
shown AS (SELECT * FROM attempts WHERE false UNION ALL BY NAME SELECT * FROM published)
SELECT count(*) AS rows
FROM shown AS p
LEFT JOIN attempts AS a ON a.seq = p.seq
WHERE a.seq IS NULL OR hash(p) <> hash(a)
