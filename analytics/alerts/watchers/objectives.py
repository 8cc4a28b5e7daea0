"""Objectives: one finding for each pair of burn windows of each objective, and one for an allowance that is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analytics.alerts.states import Finding

if TYPE_CHECKING:
    from analytics.alerts.rules import Rule, Severity
    from analytics.objectives.burn import Burn
    from analytics.objectives.state import ObjectiveState

_SEVERITIES: dict[str, Severity] = {"page": "critical", "ticket": "warning"}


def findings(rule: Rule, states: list[ObjectiveState]) -> list[Finding]:
    """Too few events to tell is no data, which is not the same as all being well."""
    return [
        found for state in states for found in (_allowance(rule, state), *(_burn(rule, state, b) for b in state.burns))
    ]


def _allowance(rule: Rule, state: ObjectiveState) -> Finding:
    left = state.budget_left
    return Finding(
        rule=rule.name,
        subject=state.objective.name,
        threshold="allowance",
        crossed=None if left is None else left < 0,
        window_us=None,
        facts=_facts(state),
        event="breached",
    )


def _burn(rule: Rule, state: ObjectiveState, burn: Burn) -> Finding:
    return Finding(
        rule=rule.name,
        subject=state.objective.name,
        threshold=f"burn over {burn.pair.name}",
        crossed=None if burn.status == "not_evaluated" else burn.status == "burning",
        window_us=None,
        facts={**_facts(state), "burn_rate": burn.long_rate, "fires_from": burn.factor},
        severity=_SEVERITIES[burn.pair.severity],
        event="burning",
    )


def _facts(state: ObjectiveState) -> dict[str, Any]:
    known = state.as_dict()
    return {name: known[name] for name in ("measure", "target", "value", "events", "bad_events", "error_budget_left")}
