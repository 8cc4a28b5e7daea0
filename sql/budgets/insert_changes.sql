-- Notes changes of budgets; one that is there already came from a copy of its segment.
INSERT INTO budget_changes
SELECT DISTINCT make_timestamptz(at_us), name, definition, changed_by, reason FROM rare_budget
EXCEPT
SELECT * FROM budget_changes
