-- Takes over from one file of the lake what lies beyond the ledger's last row and is not there yet.
INSERT INTO attempts BY NAME
SELECT * FROM read_parquet($file) AS f
WHERE f.seq > $last AND f.seq NOT IN (SELECT seq FROM attempts WHERE seq > $last)
ORDER BY seq
