-- How new is the newest attempt, and when was a segment last read?
-- It is looked for in order: a maximum is read out of every row, once one of them was replaced.
SELECT
    (SELECT started_at FROM attempts ORDER BY started_at DESC LIMIT 1) AS newest_attempt_at,
    (SELECT max(read_at) FROM segment_offsets) AS last_read_at;
