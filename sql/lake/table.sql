-- One small table of the lake.
CREATE OR REPLACE VIEW raw.{table} AS SELECT * FROM read_parquet('{lake}/tables/{table}.parquet')
