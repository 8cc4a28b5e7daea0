"""The tables of the control store, one module per subject; importing the package declares them all."""

from scalix.store.tables import alerts, budgets, keys, objectives, slots
from scalix.store.tables.metadata import metadata

__all__ = ["alerts", "budgets", "keys", "metadata", "objectives", "slots"]
