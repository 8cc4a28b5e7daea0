-- Every change of a budget, with who made it and why. The last one of a name is what the budget is.
CREATE TABLE budget_changes (
    changed_at TIMESTAMPTZ,
    name VARCHAR,
    definition VARCHAR,                      -- JSON; NULL: removed
    changed_by VARCHAR,
    reason VARCHAR
);
