"""Routing compared: generated worlds of six deployments, LiteLLM's strategies, ours, and a clairvoyant's bound."""
