-- How does each budget stand: what is spent of it in its window, what is left, and how fast does it go?
CREATE OR REPLACE VIEW views.budget_state AS
SELECT * FROM raw.budget_state;
COMMENT ON VIEW views.budget_state IS 'One row per budget, as of computed_at: what its window has seen spent. Renewed every 10 s.';
