-- What of each day cannot be fully trusted, of which model, and how much of it?
CREATE OR REPLACE VIEW views.quality_findings AS
SELECT * FROM raw.quality_findings;
COMMENT ON VIEW views.quality_findings IS
    'One row per UTC day, kind of finding, provider and model; a day is looked at again when its attempts change.';
