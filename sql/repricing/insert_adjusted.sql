-- Gives the adjusted attempts new rows: what was booked stays in them, the adjusted cost stands beside it.
INSERT INTO attempts BY NAME
SELECT
    a.* REPLACE (
        $last + row_number() OVER (ORDER BY a.seq) AS seq,
        CASE WHEN c.after_usd IS DISTINCT FROM c.booked_usd THEN c.after_usd END AS adjusted_usd
    )
FROM attempts AS a
JOIN changed AS c ON a.seq = c.seq
ORDER BY a.seq
