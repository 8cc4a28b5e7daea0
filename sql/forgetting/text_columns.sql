-- Which columns of which tables hold text, alone or in lists?
SELECT c.schema_name || '.' || c.table_name AS place, c.column_name, c.data_type = 'VARCHAR[]' AS is_list
FROM duckdb_columns() AS c
INNER JOIN duckdb_tables() AS t ON c.database_name = t.database_name AND c.table_oid = t.table_oid
WHERE NOT c.internal AND c.data_type IN ('VARCHAR', 'VARCHAR[]')
ORDER BY ALL
