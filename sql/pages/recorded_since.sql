-- Since when are attempts on record, and since when spending, by days that outlive attempts taken away after their time?
-- The first attempt is looked for in order: a minimum is read out of every row, once one of them was replaced.
SELECT
    attempts.since AS attempts_since,
    least(attempts.since, spending.since) AS spending_since
FROM
    (SELECT min(started_at) AS since FROM (SELECT started_at FROM attempts ORDER BY started_at LIMIT 1)) AS attempts,
    (
        SELECT min(bucket_at) AS since
        FROM spend_day
        WHERE bucket_at < (SELECT max(since) FROM retentions WHERE what = 'attempts')
    ) AS spending;
