-- Takes out rows that a later event changed.
DELETE FROM attempts WHERE seq IN (SELECT row_seq FROM late);
