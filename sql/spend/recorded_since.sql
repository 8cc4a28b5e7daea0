-- Since when is spending on record: by attempts, or by days that outlive attempts taken away after their time?
SELECT least(
    (SELECT min(started_at) FROM attempts),
    (
        SELECT min(bucket_at)
        FROM spend_day
        WHERE bucket_at < (SELECT max(since) FROM retentions WHERE what = 'attempts')
    )
) AS recorded_since
