"""Finds and names damage in each store: ledger, lake, segments, control store. Nothing here repairs or changes."""
