-- Which days hold attempts, how many, and up to which ingest sequence?
SELECT CAST(started_at AT TIME ZONE 'UTC' AS DATE) AS day, count(*) AS attempts, max(seq) AS newest_seq
FROM attempts
WHERE started_at >= make_timestamptz($since_us) AND started_at < make_timestamptz($until_us)
GROUP BY day
ORDER BY day
