-- Which moves to another deployment were made in these buckets, and what is added up of each?
SELECT epoch_us(moved_at) AS started_us, * EXCLUDE (request_id, moved_at)
FROM moves(make_timestamptz($first_us), make_timestamptz($end_us))
WHERE epoch_us(moved_at) // $width_us * $width_us IN (SELECT bucket_us FROM touched)
