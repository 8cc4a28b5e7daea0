-- Takes over one of the lake's small tables, without what is there already; an earlier version's lacks columns.
INSERT INTO {table} BY NAME
SELECT * FROM (SELECT * FROM {table} WHERE false UNION ALL BY NAME SELECT * FROM read_parquet($file))
EXCEPT
SELECT * FROM {table}
