"""Rollups: attempts added up by stretch of time, and by whatever people ask for, in Polars."""
