"""Objectives as text for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analytics.objectives.definitions import SHARES

if TYPE_CHECKING:
    from analytics.objectives.burn import Burn
    from analytics.objectives.definitions import Objective
    from analytics.objectives.state import ObjectiveState

_MEASURES = {
    "success": "requests answered",
    "errors": "attempts failed at the provider",
    "mean_latency": "mean latency",
    "p95_latency": "latency of 95 %",
    "mean_ttft": "mean time to first token",
    "p95_ttft": "time to first token of 95 %",
}


def aim(objective: Objective) -> str:
    """What is aimed at: ``requests answered >= 99.5 % over 30d``."""
    sign = ">=" if objective.measure == "success" else "<="
    what = _MEASURES[objective.measure]
    if objective.measure == "success" and not objective.of_requests:
        what = "attempts not failed by the provider"
    unit = "%" if objective.measure in SHARES else "s"
    return f"{what} {sign} {objective.target:f} {unit} over {objective.window}"


def state_line(state: ObjectiveState) -> str:
    """One objective in a line."""
    line = f"{state.objective.name}: {state.status.replace('_', ' ')}, {state.subject}: {aim(state.objective)}"
    return f"{line}, measured {_value(state)} of {state.events:,} events"


def state_text(state: ObjectiveState) -> str:
    """One objective in full."""
    left = "unknown, too few events" if state.budget_left is None else f"{state.budget_left:.1%}"
    burns = "\n".join(f"burn {burn.pair.name:<9} {_burn(burn)}" for burn in state.burns)
    return (
        f"{state.objective.name}, {state.subject}\n"
        f"aim            {aim(state.objective)}\n"
        f"status         {state.status.replace('_', ' ')}\n"
        f"measured       {_value(state)} of {state.events:,} events since {state.start:%Y-%m-%d %H:%M} UTC\n"
        f"allowance left {left}\n"
        f"{burns}"
    )


def _value(state: ObjectiveState) -> str:
    if state.value is None:
        return "nothing"
    return f"{state.value:.3f} %" if state.objective.allowed is not None else f"{state.value:.3f} s"


def _burn(burn: Burn) -> str:
    rates = ", ".join("too few" if rate is None else f"{rate:.2f}" for rate in (burn.long_rate, burn.short_rate))
    return f"{burn.status.replace('_', ' ')} ({rates}; {burn.pair.severity} from {burn.factor:g} on)"
