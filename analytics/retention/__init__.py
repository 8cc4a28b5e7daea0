"""Retention: what is older than people want to keep is taken away, by grain."""
