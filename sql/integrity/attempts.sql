-- Does an attempt have two rows, or a row that is also said to be replaced?
SELECT
    (SELECT count(*) FROM (SELECT 1 FROM attempts GROUP BY started_at, call_id HAVING count(*) > 1)) AS repeated,
    (SELECT count(*) FROM attempts AS a SEMI JOIN replaced AS r ON a.seq = r.seq) AS replaced_and_there
