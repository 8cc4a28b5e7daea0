-- What was not taken in during a span, and why: lines set aside, events that collectors had to drop?
SELECT reason, count(*) AS events, max(found_at) AS last_at
FROM quarantine
WHERE found_at >= $start AND found_at < $end
GROUP BY reason
UNION ALL
SELECT 'dropped by a collector whose disk refused', CAST(sum(dropped) AS BIGINT), max(counted_at)
FROM (
    SELECT process_id, max(dropped) AS dropped, max(counted_at) AS counted_at FROM losses GROUP BY process_id
)
WHERE counted_at >= $start AND counted_at < $end AND dropped > 0
HAVING sum(dropped) > 0
ORDER BY events DESC
