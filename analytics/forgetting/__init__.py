"""Forgetting: one person taken out of everything that Scalix keeps, and a search that proves it."""
