-- What did each process have to drop, and how many of its own errors did it catch?
-- Processes report running totals, so the largest of a process is its total.
CREATE OR REPLACE VIEW views.losses AS
SELECT
    process_id,
    max(counted_at) AS counted_at,
    max(dropped) AS dropped,
    max(guarded_errors) AS guarded_errors,
    arg_max(last_error, counted_at) AS last_error
FROM raw.losses
GROUP BY process_id;
COMMENT ON VIEW views.losses IS 'One row per process that reported a loss: events dropped and errors caught.';
