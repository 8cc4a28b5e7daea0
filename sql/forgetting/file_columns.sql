-- Which columns of a Parquet file hold text, alone or in lists?
SELECT column_name, column_type = 'VARCHAR[]' AS is_list
FROM (DESCRIBE SELECT * FROM read_parquet($file))
WHERE column_type IN ('VARCHAR', 'VARCHAR[]')
