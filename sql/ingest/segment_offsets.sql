-- How far has each segment been read?
SELECT segment, max(byte_offset) FROM segment_offsets GROUP BY segment
