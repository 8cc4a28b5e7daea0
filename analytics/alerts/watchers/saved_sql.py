"""Saved queries: every row of an answer from the lake is a subject, and its value is compared with a bound."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analytics.alerts.states import Finding
from analytics.asking.desk import own_queries
from analytics.asking.queries import all_queries

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import polars as pl

    from analytics.alerts.rules import Rule

    Ask = Callable[[str, dict[str, object] | None], pl.DataFrame]

MOST_ROWS = 200
MOST_SHOWN = 8


def findings(rule: Rule, ask: Ask) -> list[Finding]:
    """Without a column ``value``, each row is one that should not be there. Raises StoreError when the query fails."""
    sql = rule.query
    parameters: dict[str, object] = dict(rule.parameters)
    named = next((one for one in all_queries(own_queries()) if one.name == rule.query), None)
    if named is not None:
        sql, parameters = named.sql, {**named.parameters, **rule.parameters}
    rows = ask(sql, parameters or None).head(MOST_ROWS).to_dicts()
    return [_finding(rule, row) for row in rows]


def _finding(rule: Rule, row: Mapping[str, Any]) -> Finding:
    value = row.get("value")
    shown = {name: str(one) for name, one in list(row.items())[:MOST_SHOWN] if one is not None}
    return Finding(
        rule=rule.name,
        subject=str(row.get("subject", "the query"))[:200],
        threshold=_bound(rule),
        crossed=_crossed(rule, float(value)) if value is not None else None if "value" in row else True,
        window_us=None,
        facts={"value": None if value is None else float(value), "row": shown},
        event="matched",
    )


def _crossed(rule: Rule, value: float) -> bool:
    return (rule.above is not None and value > rule.above) or (rule.below is not None and value < rule.below)


def _bound(rule: Rule) -> str:
    bounds = [f"above {rule.above:g}"] if rule.above is not None else []
    bounds += [f"below {rule.below:g}"] if rule.below is not None else []
    return " or ".join(bounds) or "any row"
