"""A month of history, written to the spool as collectors would have written it."""
