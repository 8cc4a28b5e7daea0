-- Notes how far segments have been read, in the transaction that takes their events in.
INSERT INTO segment_offsets
SELECT segment, byte_offset, lines, rejected, make_timestamptz($now_us) FROM steps
