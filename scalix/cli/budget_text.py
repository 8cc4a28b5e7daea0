"""Budgets as text for people."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from analytics.figures import dollars

if TYPE_CHECKING:
    from analytics.budgets.forecast import Forecast
    from analytics.budgets.outlook import Outlook
    from analytics.budgets.state import BudgetState


def state_line(state: BudgetState) -> str:
    """One budget in a line."""
    budget = state.budget
    line = f"{budget.name}: {dollars(state.spent_usd)} of {dollars(budget.amount_usd)} USD a {budget.window}"
    line += f" ({float(state.share):.1%}), {_scope(state)}"
    if state.unpriced:
        line += f", {state.unpriced} calls of unknown cost"
    return line


def state_text(state: BudgetState) -> str:
    """One budget in full."""
    pace = "" if state.burn_rate is None else f"\nburn rate      {state.burn_rate:.2f} (1 spends it just by the end)"
    rates = ", ".join(f"{rate:.2f} over {name}" for name, rate in state.burn_rates.items())
    pace += f"\nlately         {rates}" if rates else ""
    crossed = ", ".join(f"{one.percent} % ({one.action})" for one in state.crossed) or "none"
    return (
        f"{state.budget.name}, {_scope(state)}\n"
        f"window         {state.start:%Y-%m-%d %H:%M} to {state.end:%Y-%m-%d %H:%M} UTC\n"
        f"spent          {dollars(state.spent_usd)} USD of {dollars(state.budget.amount_usd)}\n"
        f"left           {dollars(state.left_usd)} USD\n"
        f"may be added   {dollars(state.open_usd)} USD at most for calls that broke off; "
        f"{state.unpriced} calls have no price"
        f"{pace}\n"
        f"thresholds     reached: {crossed}"
    )


def outlook_text(found: Outlook) -> str:
    """What lies ahead, and how good such forecasts have been."""
    if found.ahead is None:
        return "\nforecast       none: too little history, or a window without an end"
    low, quarter, middle, three_quarters, high = (dollars(Decimal(value)) for value in found.ahead.at_end)
    text = (
        f"\nat its end     {middle} USD; half of futures {quarter} to {three_quarters}, "
        f"nine of ten {low} to {high}"
        f"{_runs_out(found, found.ahead)}"
    )
    if found.past.within_90 is not None:
        text += f"\npast forecasts {found.past.within_90:.0%} of outcomes lay in their 90 % interval"
    return text


def _runs_out(found: Outlook, ahead: Forecast) -> str:
    if ahead.all_spent:
        return "\nran out        " + (f"by {found.ran_out:%Y-%m-%d %H:%M} UTC" if found.ran_out else "already")
    out = next((at for at in ahead.runs_out if at is not None), None)
    earliest = f", {out:%Y-%m-%d %H:%M} UTC at the earliest of nine in ten" if out else ""
    return f"\nruns out       in {ahead.chance:.0%} of futures{earliest}"


def _scope(state: BudgetState) -> str:
    return " and ".join(f"{name} {value}" for name, value in state.budget.scope.items()) or "everything"
