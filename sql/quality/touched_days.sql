-- Which UTC days have attempts that are new, or were changed, since the job last looked?
SELECT DISTINCT epoch_us(started_at) // 86400000000 * 86400000000 AS day_us FROM attempts WHERE seq > $checked
