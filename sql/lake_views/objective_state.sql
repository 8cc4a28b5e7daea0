-- How does each objective stand: what was measured, how much of what may go wrong is left, and how fast is it used up?
CREATE OR REPLACE VIEW views.objective_state AS
SELECT * FROM raw.objective_state;
COMMENT ON VIEW views.objective_state IS 'One row per objective, as of computed_at. Too few events are not_evaluated, which is not ok.';
