"""Alerts: what fires, told once, and delivered until somebody has heard it."""
