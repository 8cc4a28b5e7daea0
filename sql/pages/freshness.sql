-- How new is the newest attempt, and when was a segment last read?
SELECT
    (SELECT max(started_at) FROM attempts) AS newest_attempt_at,
    (SELECT max(read_at) FROM segment_offsets) AS last_read_at;
