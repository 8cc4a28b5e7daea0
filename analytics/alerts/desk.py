"""What the Budgets page reads: budgets as they stand, alerts, messages and channels, and the history of changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from analytics.alerts import channels, log
from analytics.budgets.shelf import all_budgets
from analytics.budgets.state import BudgetState, states_of
from analytics.reading import control_here, ledger_here
from scalix.store import sqlfiles
from scalix.times import now

if TYPE_CHECKING:
    import polars as pl

    from analytics.alerts.channels import Channel

MOST_ROWS = 100


@dataclass(frozen=True)
class Desk:
    """Everything at one moment."""

    budgets: list[BudgetState]
    alerts: list[dict[str, Any]]
    """rule, subject, threshold, window_us, state, changed_us; the latest change first."""
    messages: list[dict[str, Any]]
    channels: list[Channel]
    changes: pl.DataFrame


def read() -> Desk:
    """Ask for all of it, of this process' stores. Raises StoreError."""
    control, ledger = control_here(), ledger_here()
    at = now()
    return Desk(
        budgets=states_of(all_budgets(control), ledger, at),
        alerts=log.states(control),
        messages=log.messages(control, MOST_ROWS),
        channels=channels.all_channels(control),
        changes=ledger.read(sqlfiles.text("budgets/changes"), {"rows": MOST_ROWS}),
    )
