"""A message in words, for channels that people read."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from analytics.figures import dollars, short

_IDENTITY = {"alert", "incident", "rule", "subject", "threshold", "state", "severity", "since"}
_OF_BUDGET = ("spent_usd", "amount_usd", "left_usd", "window", "zone", "end", "unpriced")
_TELLING = (
    "error", "spent_usd", "amount_usd", "left_usd", "burn_rate", "error_budget_left", "bad_events", "events", "errors",
    "attempts", "share", "unpriced", "count", "value", "expected", "score",
)  # fmt: skip
"""What is said first, where there is room for little."""
_MOST_FACTS = 12
_MOST_IN_A_LINE = 4
_MOST_CHARACTERS = 300


@dataclass(frozen=True)
class Summary:
    """One alert: a line, and what is known of it. ``firing`` is whether it still holds."""

    title: str
    severity: str
    firing: bool
    incident: str
    facts: tuple[tuple[str, str], ...]

    @property
    def lines(self) -> list[str]:
        """The facts, one to a line."""
        return [f"{name}: {value}" for name, value in self.facts]


def summaries(message: dict[str, Any]) -> list[Summary]:
    """Every alert of a message: one, or those that a rule told together."""
    data = message["data"]
    return [_summary(message["type"], one) for one in data.get("alerts", [data])]


def facts_text(data: dict[str, Any]) -> list[str]:
    """The most telling of what was found, in words; without what only tells alerts apart."""
    said = {name.replace(" ", "_"): f"{name} {value}" for name, value in _facts(data)}
    return list({name: said[name] for name in (*_TELLING, *said) if name in said}.values())[:_MOST_IN_A_LINE]


def _summary(kind: str, data: dict[str, Any]) -> Summary:
    return Summary(
        title=_title(kind, data),
        severity=data.get("severity", "info"),
        firing=data.get("state") in {"firing", "no data"},
        incident=data.get("incident", "incident_test"),
        facts=tuple(_facts(data))[:_MOST_FACTS],
    )


def _title(kind: str, data: dict[str, Any]) -> str:
    if kind == "test":
        return f"Scalix: a test of channel {data['channel']}"
    subject, threshold, state = data["subject"], data["threshold"], data["state"]
    if kind.startswith("budget."):
        verb = {"firing": "has reached", "resolved": "is below"}.get(state, "cannot be judged at")
        return f"Scalix: budget {subject} {verb} {threshold}"
    return f"Scalix: {data['rule']} {state}: {subject} ({threshold})"


def _facts(data: dict[str, Any]) -> list[tuple[str, str]]:
    budget = {name: data["budget"].get(name) for name in _OF_BUDGET} if "budget" in data else {}
    scope = data.get("budget", {}).get("scope") or {}
    known = {**{name: one for name, one in data.items() if name not in _IDENTITY}, **budget, **scope}
    return [
        (name.replace("_", " "), _said(name, value)[:_MOST_CHARACTERS])
        for name, value in known.items()
        if value is not None and not isinstance(value, dict | list)
    ]


def _said(name: str, value: object) -> str:
    if name.endswith("_usd"):
        return dollars(Decimal(str(value)))
    return short(value) if isinstance(value, float) else str(value)
