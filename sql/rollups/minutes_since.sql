-- Since when are sums by the minute kept? 1970 when none ever went.
SELECT coalesce(max(since), make_timestamptz(0)) AS minutes_since FROM retentions WHERE what = 'minute'
