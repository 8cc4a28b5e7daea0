-- Since when are attempts on record?
SELECT min(started_at) AS recorded_since FROM attempts;
