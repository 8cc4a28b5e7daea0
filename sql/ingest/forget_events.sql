-- Lets go of events whose attempt has its row and will hear nothing more.
DELETE FROM attempt_events
USING (
    SELECT call_id, started_us
    FROM attempt_events
    GROUP BY call_id, started_us
    HAVING bool_and(written)
        AND (max(read_us) <= $kept_since_us OR NOT bool_or(list_contains($alive, process_id)))
) AS done
WHERE attempt_events.call_id = done.call_id AND attempt_events.started_us = done.started_us
