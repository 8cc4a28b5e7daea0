-- How did budgets change, who changed them, and why?
CREATE OR REPLACE VIEW views.budget_changes AS
SELECT * FROM raw.budget_changes;
COMMENT ON VIEW views.budget_changes IS
    'One row per change of a budget; definition is NULL where it was removed.';
