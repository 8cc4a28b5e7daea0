-- What do these rows hold?
SELECT * FROM attempts WHERE seq IN (SELECT row_seq FROM late) ORDER BY seq
