-- Keeps lines that could not be read.
INSERT INTO quarantine
SELECT segment, byte_offset, reason, line, make_timestamptz($now_us) FROM rejected
