"""The rule that watches budgets: one finding for each threshold of each budget."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analytics.alerts.firing import Finding, settle
from analytics.budgets.shelf import all_budgets
from analytics.budgets.state import BudgetState, states_of
from scalix.times import from_us, to_us

if TYPE_CHECKING:
    from analytics.reading import Readable
    from scalix.store.control import ControlStore

RULE = "budget"


def watch_budgets(control: ControlStore, ledger: Readable, *, now_us: int) -> int:
    """Look at every budget and settle its alerts. Returns how many messages were put out. Raises StoreError."""
    states = states_of(all_budgets(control), ledger, from_us(now_us))
    return settle(control, [one for state in states for one in findings(state)], now_us=now_us)


def findings(state: BudgetState) -> list[Finding]:
    """What a budget's state means for each of its thresholds."""
    window_us = None if state.budget.period.length else to_us(state.start)
    return [
        Finding(
            rule=RULE,
            subject=state.budget.name,
            threshold=f"{threshold.percent}%",
            crossed=state.reached(threshold),
            window_us=window_us,
            facts={"action": threshold.action, "budget": state.as_dict()},
            channels=state.budget.channels,
        )
        for threshold in state.budget.thresholds
    ]
