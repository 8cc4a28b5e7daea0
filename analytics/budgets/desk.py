"""What the Budgets page and the API read and do: budgets as they stand, one in full, changes, and trying one out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from analytics.alerts.channels import unheard
from analytics.budgets import shelf
from analytics.budgets.outlook import Outlook, outlook
from analytics.budgets.simulation import Simulation, simulate
from analytics.budgets.state import BudgetState, states_of
from analytics.reading import control_here, ledger_here, spool_here
from scalix.store import sqlfiles
from scalix.times import now

if TYPE_CHECKING:
    from datetime import datetime

    import polars as pl

    from analytics.budgets.definitions import Budget

MOST_CHANGES = 100


@dataclass(frozen=True)
class Desk:
    """Everything at one moment. ``changes``: changed_at, name, definition, changed_by, reason; the latest first."""

    budgets: list[BudgetState]
    changes: pl.DataFrame
    unheard: list[str]
    """What to warn of: budgets that tell channels which there are not."""


def read() -> Desk:
    """Ask for all of it, of this process' stores. Raises StoreError."""
    ledger, budgets = ledger_here(), shelf.all_budgets(control_here())
    return Desk(
        budgets=states_of(budgets, ledger, now()),
        changes=ledger.read(sqlfiles.text("budgets/changes"), {"rows": MOST_CHANGES}),
        unheard=[line for budget in budgets for line in _unheard(budget)],
    )


def look(state: BudgetState) -> Outlook:
    """What lies ahead of one budget, and how good such forecasts have been. Raises StoreError."""
    return outlook(state, ledger_here())


def try_out(budget: Budget, since: datetime, until: datetime) -> Simulation:
    """Play a budget over what was recorded. Raises SettingsError, StoreError."""
    return simulate(budget, ledger_here(), since, until)


def save(budget: Budget, *, reason: str | None, by: str | None, replace: bool) -> list[str]:
    """Add or change a budget. Returns what to warn of. Raises SettingsError, SpoolError, StoreError."""
    shelf.keep(control_here(), spool_here(), budget, reason=reason, by=by, replace=replace)
    return _unheard(budget)


def remove(name: str, *, reason: str | None, by: str | None) -> None:
    """Take a budget away. Raises SettingsError, SpoolError, StoreError."""
    shelf.remove(control_here(), spool_here(), name, reason=reason, by=by)


def _unheard(budget: Budget) -> list[str]:
    return unheard(control_here(), f"budget {budget.name}", budget.channels)
