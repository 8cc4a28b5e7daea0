"""Calls that others recorded, as events on the spool: export files, OTLP spans, LiteLLM's generic_api callback."""
