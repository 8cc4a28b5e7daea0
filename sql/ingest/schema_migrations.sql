-- Which migrations has this ledger had?
CREATE TABLE IF NOT EXISTS schema_migrations (
    number INTEGER,
    name VARCHAR,
    applied_at TIMESTAMPTZ
);
