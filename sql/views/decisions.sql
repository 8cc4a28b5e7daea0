-- Which deployment did routing choose for each attempt, with which probability, and why?
CREATE OR REPLACE VIEW views.decisions AS
SELECT * FROM raw.decisions;
COMMENT ON VIEW views.decisions IS
    'One row per decision; decision is the JSON of candidates, policy, draw, scores and probabilities.';
