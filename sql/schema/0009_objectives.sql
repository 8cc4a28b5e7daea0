-- Every change of an objective, with who made it and why. The last one of a name is what the objective is.
CREATE TABLE objective_changes (
    changed_at TIMESTAMPTZ,
    name VARCHAR,
    definition VARCHAR,                      -- JSON; NULL: removed
    changed_by VARCHAR,
    reason VARCHAR
);
