"""The hub: the one process that holds the ledger, takes in the spool, and serves the dashboard and the HTTP API."""
