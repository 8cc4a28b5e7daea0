-- Tells the lake's views which rows no longer count.
INSERT INTO replaced SELECT row_seq, make_timestamptz($now_us) FROM late;
