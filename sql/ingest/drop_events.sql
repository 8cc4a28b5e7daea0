-- Takes out the kept events of these attempts.
DELETE FROM attempt_events AS kept
USING touched
WHERE kept.call_id = touched.call_id AND kept.started_us = touched.started_us;
