-- Which repricings were asked for, why, and what came of them?
CREATE OR REPLACE VIEW views.repricings AS
SELECT r.*, d.adjusted, d.difference_usd
FROM raw.repricings AS r
LEFT JOIN raw.repricings_done AS d ON r.booked_at = d.booked_at;
COMMENT ON VIEW views.repricings IS
    'One row per repricing that was asked for; adjusted is NULL until it is done.';
