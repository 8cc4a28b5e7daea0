-- How many lines could not be read, in which segment, and why?
CREATE OR REPLACE VIEW views.quarantine AS
SELECT segment, reason, count(*) AS lines, min(found_at) AS first_found_at, max(found_at) AS last_found_at
FROM raw.quarantine
GROUP BY segment, reason;
COMMENT ON VIEW views.quarantine IS 'Unreadable spool lines, counted by segment and reason.';
