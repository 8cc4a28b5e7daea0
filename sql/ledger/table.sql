-- One table of the ledger, where the shared views look for it.
CREATE OR REPLACE VIEW raw.{table} AS SELECT * FROM main.{table}
