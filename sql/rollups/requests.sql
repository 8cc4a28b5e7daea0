-- Which requests ended in these buckets, and what is added up of each?
SELECT epoch_us(ended_at) AS started_us, * EXCLUDE (request_id, began_at, ended_at)
FROM ended_requests(make_timestamptz($first_us), make_timestamptz($end_us))
WHERE epoch_us(ended_at) // $width_us * $width_us IN (SELECT bucket_us FROM touched)
