-- How did objectives change, who changed them, and why?
CREATE OR REPLACE VIEW views.objective_changes AS
SELECT * FROM raw.objective_changes;
COMMENT ON VIEW views.objective_changes IS
    'One row per change of an objective; definition is NULL where it was removed.';
