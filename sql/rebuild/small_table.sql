-- Takes over one of the lake's small tables, without what is there already.
INSERT INTO {table} BY NAME
SELECT * FROM read_parquet($file)
EXCEPT
SELECT * FROM {table}
