"""Decisions as text for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from routing.scoring import answer_cost

if TYPE_CHECKING:
    from routing.policy import Decision


def decision_text(row: dict[str, Any], decision: Decision, exact: bool) -> str:
    """One decision: what was chosen and why, and how every candidate stood, the best first."""
    acted = "" if row["acted"] else " (only recorded)"
    snapshot = row["snapshot_id"]
    source = f"snapshot {snapshot[:8]}" if snapshot else "no fresh snapshot: own calls and list prices"
    lines = [
        f"{row['decided_at']:%Y-%m-%d %H:%M:%S} {row['model_group']} -> {row['deployment_id']}{acted}: {row['reason']}",
        f"  by {source}; recomputed {'exactly' if exact else 'DIFFERENTLY from what was recorded'}",
    ]
    order = sorted(range(len(decision.candidates)), key=lambda place: decision.scores[place])
    return "\n".join([*lines, *(_candidate(decision, place) for place in order)])


def _candidate(decision: Decision, place: int) -> str:
    one = decision.candidates[place]
    mark = ">" if place == decision.chosen else " "
    billed = answer_cost(decision.asked, one)
    cost = "unknown cost" if billed is None else f"{billed:.6f} USD"
    record = f"{one.successes:.1f} answered, {one.failures:.1f} failed, breaker {one.breaker}"
    expected, chance = decision.scores[place], decision.probabilities[place]
    return f"  {mark} {one.deployment_id}: expected {expected:.6f} USD, chance {chance:.1%}; {cost}, {record}"
