-- How many rows has a table, with every value of it read?
SELECT count(*) AS rows, bit_xor(hash(t)) AS content FROM main.{table} AS t
