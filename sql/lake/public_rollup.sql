-- A rollup under the name it has in the ledger.
CREATE OR REPLACE VIEW main.{rollup} AS SELECT * FROM raw.{rollup};
COMMENT ON VIEW main.{rollup} IS
    'Attempts, requests or moves added up by stretch of time; percentile(flatten(list(latency_histogram)), 95) merges histograms.'
