"""Reliability: how deployments fare, when one of them was in trouble, and where requests went then."""
