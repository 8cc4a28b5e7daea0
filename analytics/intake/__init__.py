"""From the spool's lines to rows of the ledger, each exactly once."""
