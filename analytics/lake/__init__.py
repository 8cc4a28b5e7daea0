"""The lake: the ledger's rows as Parquet that anybody may read, and how they get there."""
