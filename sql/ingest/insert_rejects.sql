-- Keeps foreign records that could not become events, each once, however often its file is imported.
INSERT INTO quarantine
SELECT DISTINCT ON (source, position, reason)
    r.source, r.position, r.reason, encode(r.record), make_timestamptz(r.at_us)
FROM rare_reject AS r
ANTI JOIN quarantine AS q ON q.segment = r.source AND q.byte_offset = r.position AND q.reason = r.reason
