-- Which processes wrote events, where, and with which versions?
CREATE OR REPLACE VIEW views.processes AS
SELECT
    p.*,
    coalesce(l.dropped, 0) AS dropped,
    coalesce(l.guarded_errors, 0) AS guarded_errors
FROM raw.processes AS p
LEFT JOIN views.losses AS l ON l.process_id = p.process_id;
COMMENT ON VIEW views.processes IS 'One row per process life that wrote a segment, with what it had to drop.';
