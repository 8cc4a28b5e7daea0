"""The tables of the control store, one module per subject; importing the package declares them all."""

from scalix.store.tables import access, alerts, budgets, objectives, slots
from scalix.store.tables.metadata import metadata

__all__ = ["access", "alerts", "budgets", "metadata", "objectives", "slots"]
