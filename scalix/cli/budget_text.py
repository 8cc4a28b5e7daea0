"""Budgets as text for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from analytics.budgets.state import BudgetState


def state_line(state: BudgetState) -> str:
    """One budget in a line."""
    budget = state.budget
    line = f"{budget.name}: {state.spent_usd:.2f} of {budget.amount_usd:.2f} USD a {budget.window}"
    line += f" ({float(state.share):.1%}), {_scope(state)}"
    if state.unpriced:
        line += f", {state.unpriced} calls of unknown cost"
    return line


def state_text(state: BudgetState) -> str:
    """One budget in full."""
    pace = "" if state.burn_rate is None else f"\nburn rate      {state.burn_rate:.2f} (1 spends it just by the end)"
    crossed = ", ".join(f"{one.percent} % ({one.action})" for one in state.crossed) or "none"
    return (
        f"{state.budget.name}, {_scope(state)}\n"
        f"window         {state.start:%Y-%m-%d %H:%M} to {state.end:%Y-%m-%d %H:%M} UTC\n"
        f"spent          {state.spent_usd} USD of {state.budget.amount_usd}\n"
        f"left           {state.left_usd} USD\n"
        f"may be added   {state.open_usd} USD at most for calls that broke off; {state.unpriced} calls have no price"
        f"{pace}\n"
        f"thresholds     reached: {crossed}"
    )


def _scope(state: BudgetState) -> str:
    return " and ".join(f"{name} {value}" for name, value in state.budget.scope.items()) or "everything"
