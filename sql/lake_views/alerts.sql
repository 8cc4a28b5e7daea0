-- What fires, and what has fired and recovered?
CREATE OR REPLACE VIEW views.alerts AS
SELECT * FROM raw.alerts;
COMMENT ON VIEW views.alerts IS 'One row per rule, subject and threshold that was ever watched, with its present state.';
