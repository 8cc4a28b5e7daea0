"""Scalix Pro as a provider of LiteLLM: the Engine for smart context and lazy edits, the Gateway for everything else."""
