-- Notes changes of objectives; one that is there already came from a copy of its segment.
INSERT INTO objective_changes
SELECT DISTINCT make_timestamptz(at_us), name, definition, changed_by, reason FROM rare_objective
EXCEPT
SELECT * FROM objective_changes
