-- Notes how far segments have been read, in the transaction that takes their events in.
INSERT INTO segment_offsets BY NAME
SELECT segment, byte_offset, lines, rejected, repeated, make_timestamptz($now_us) AS read_at FROM steps
