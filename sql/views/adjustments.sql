-- Which costs were changed after they were booked, by which repricing?
CREATE OR REPLACE VIEW views.adjustments AS
SELECT * FROM raw.adjustments;
COMMENT ON VIEW views.adjustments IS
    'One row per attempt and repricing that changed its cost. What was booked first is before_usd of the first of them.';
