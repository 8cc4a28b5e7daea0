"""A message in words, for channels that people read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

_IDENTITY = {"alert", "incident", "rule", "subject", "threshold", "state", "severity", "since"}
_OF_BUDGET = ("spent_usd", "amount_usd", "left_usd", "window", "zone", "end", "unpriced")
_MOST_FACTS = 12
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
    """What was found, in words; without what only tells alerts apart."""
    return [f"{name} {value}" for name, value in _facts(data)]


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
        (name.replace("_", " "), str(value)[:_MOST_CHARACTERS])
        for name, value in known.items()
        if value is not None and not isinstance(value, dict | list)
    ]
