-- From when to when was a deployment down or degraded, how badly, and why?
CREATE OR REPLACE VIEW views.episodes AS
SELECT * FROM raw.episodes;
COMMENT ON VIEW views.episodes IS 'One row per outage or degradation of the last 30 days, from the first error to the last.';
