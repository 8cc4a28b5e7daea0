-- Since when are all attempts there, and since when all buckets that others are added up from? 1970 when none ever went.
SELECT
    coalesce(max(epoch_us(since)) FILTER (what = 'attempts'), 0),
    coalesce(max(epoch_us(since)) FILTER (what IN ('minute', 'hour')), 0)
FROM retentions
