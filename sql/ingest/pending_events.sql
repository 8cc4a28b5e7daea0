-- Which events of these attempts came in earlier and are still kept?
SELECT kept.*
FROM attempt_events AS kept
SEMI JOIN touched ON kept.call_id = touched.call_id AND kept.started_us = touched.started_us;
