"""Budgets: one finding for each threshold of each budget."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analytics.alerts.states import Finding
from scalix.times import to_us

if TYPE_CHECKING:
    from analytics.alerts.rules import Rule, Severity
    from analytics.budgets.definitions import Threshold
    from analytics.budgets.state import BudgetState

WHOLE = 100


def findings(rule: Rule, states: list[BudgetState]) -> list[Finding]:
    """What budgets' states mean for each of their thresholds."""
    return [_finding(rule, state, threshold) for state in states for threshold in state.budget.thresholds]


def _finding(rule: Rule, state: BudgetState, threshold: Threshold) -> Finding:
    return Finding(
        rule=rule.name,
        subject=state.budget.name,
        threshold=f"{threshold.percent}%",
        crossed=state.reached(threshold),
        window_us=None if state.budget.period.length else to_us(state.start),
        facts={"action": threshold.action, "budget": state.as_dict()},
        channels=state.budget.channels,
        severity=_severity(threshold),
    )


def _severity(threshold: Threshold) -> Severity | None:
    if threshold.action == "block":
        return "critical"
    return "error" if threshold.percent >= WHOLE or threshold.action == "degrade" else None
