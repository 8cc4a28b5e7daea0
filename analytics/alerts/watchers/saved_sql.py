"""Saved queries: every row of an answer from the lake is a subject, and its value is compared with a bound."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analytics.alerts.states import Finding
from analytics.asking.desk import own_queries
from analytics.asking.queries import all_queries
from scalix.errors import SettingsError, StoreError
from scalix.store.readers import gate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import polars as pl

    from analytics.alerts.rules import Rule

    Ask = Callable[[str, dict[str, object] | None], pl.DataFrame]

MOST_ROWS = 200
MOST_SHOWN = 8


def findings(rule: Rule, ask: Ask) -> list[Finding]:
    """Without a column ``value``, each row is one that should not be there. Raises StoreError when the query fails."""
    sql, parameters = _asked(rule, own_queries())
    rows = ask(sql, parameters or None).head(MOST_ROWS).to_dicts()
    return [_finding(rule, row) for row in rows]


def refuse_unparsable(rule: Rule, own: Path | None) -> None:
    """Raise SettingsError for a query that is neither a saved one, of ``own`` or ours, nor SQL."""
    if rule.kind != "sql":
        return
    try:
        gate.refuse_unparsable(_asked(rule, own)[0])
    except StoreError as error:
        raise SettingsError(
            f"rule {rule.name}: its query is no SQL ({error}), nor one that `scalix sql --list` names: mend it"
        ) from error


def _asked(rule: Rule, own: Path | None) -> tuple[str, dict[str, object]]:
    named = next((one for one in all_queries(own) if one.name == rule.query), None)
    if named is None:
        return rule.query, dict(rule.parameters)
    return named.sql, {**named.parameters, **rule.parameters}


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
