-- Which hours, counted from 1970, hold attempts that the rollup of spending has not caught up with, late rows among them?
CREATE OR REPLACE MACRO stale_hours() AS TABLE
SELECT DISTINCT epoch_us(started_at) // 3600000000 AS hour
FROM attempts
WHERE seq > (SELECT coalesce(max(last_seq), -1) FROM rollup_fills WHERE rollup = 'spend');
