-- Which open attempts get their row now: ended a moment ago without a final event, silent for too long, or their
-- process is gone and everything it wrote has been read?
SELECT call_id, started_us
FROM attempt_events
GROUP BY call_id, started_us
HAVING NOT bool_or(written) AND (
    NOT bool_or(list_contains($alive, process_id))
    OR max(read_us) <= $silent_since_us
    OR (
        max(read_us) <= $ended_since_us
        AND bool_or(
            kind IN ('streamed', 'failed')
            OR (kind = 'answered' AND NOT coalesce(streaming, false))
        )
    )
)
ORDER BY started_us, call_id
LIMIT $most
