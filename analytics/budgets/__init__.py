"""Budgets: how much may be spent by whom in which window, and what has been, computed from the ledger each time."""
