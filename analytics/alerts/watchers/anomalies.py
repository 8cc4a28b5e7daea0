"""Anomalies: an hour's spending or errors far above what the season says, with the exact split that explains it."""

from __future__ import annotations

from datetime import timedelta
from math import sqrt
from typing import TYPE_CHECKING, Any

from analytics.alerts.states import Finding
from analytics.alerts.watchers.seasons import LEAST_HOURS, WEEKS, Expected, comparable, expected
from analytics.filters import Filters
from analytics.rollups.declared import DAY_US, HOUR_US
from analytics.spend import spending
from analytics.spend.asking import DIMENSIONS
from scalix.store import sqlfiles
from scalix.times import MICROSECONDS, from_us

if TYPE_CHECKING:
    import polars as pl

    from analytics.alerts.rules import Rule
    from analytics.reading import Readable
    from analytics.spend.split import Split

SETTLED_US = 120 * MICROSECONDS
"""An hour is judged two minutes after its end, when its last calls are in."""
DEFAULT_SCORE = 6.0
LEAST_SPREAD_USD = 0.05
LEAST_ERRORS = 5
MOST_PARTS = 5
EVERYTHING = "everything"
_FACETS = {"provider": "providers", "model": "models", "deployment": "deployments", "team": "teams", "user": "users"}
_OF_RELIABILITY = {"provider": "provider", "model": "model", "deployment": "deployment_id"}


def findings(rule: Rule, ledger: Readable, *, now_us: int) -> list[Finding]:
    """One for each value of the rule's dimension that has been seen in the last weeks. Raises StoreError."""
    hour_us = (now_us - SETTLED_US) // HOUR_US * HOUR_US - HOUR_US
    frame = hours_read(rule, ledger, hour_us, hour_us + HOUR_US)
    found = judged(rule, frame, hour_us)
    for finding in found:
        if finding.crossed:
            finding.facts.update(_explained(rule, finding.subject, ledger, hour_us, _first(frame)))
    return found


def hours_read(rule: Rule, ledger: Readable, first_us: int, end_us: int) -> pl.DataFrame:
    """What rules on anomalies judge whole hours of a span by: those hours, and the weeks before them."""
    since, end = from_us(first_us) - WEEKS - timedelta(hours=2), from_us(end_us)
    query = "spend_by_hour" if rule.measure == "spend" else "errors_by_hour"
    sql = sqlfiles.text(f"alerts/{query}").replace("{dimension}", _dimension(rule))
    return ledger.read(sql, {"start": since, "end": end})


def judged(rule: Rule, frame: pl.DataFrame, hour_us: int) -> list[Finding]:
    """Findings of one hour, not explained yet. Takes ``hours_read``."""
    if frame.is_empty():
        return []
    hours = comparable(hour_us, _first(frame), rule.zone)
    return _spend(rule, frame, hour_us, hours) if rule.measure == "spend" else _errors(rule, frame, hour_us, hours)


def _dimension(rule: Rule) -> str:
    known = DIMENSIONS if rule.measure == "spend" else _OF_RELIABILITY
    return known.get(rule.by, f"'{EVERYTHING}'")


def _first(frame: pl.DataFrame) -> int:
    return int(frame["hour_us"].min())  # type: ignore[arg-type]  # a column of integers


def _spend(rule: Rule, frame: pl.DataFrame, hour_us: int, hours: list[int]) -> list[Finding]:
    found = []
    for name, values in _by_name(frame, "amount").items():
        spent = values.get(hour_us, 0.0)
        season = expected(values, hours, LEAST_SPREAD_USD)
        found.append(_finding(rule, name, hour_us, season, spent, facts={"spent_usd": round(spent, 6)}))
    return found


def _explained(rule: Rule, name: str, ledger: Readable, hour_us: int, first_us: int) -> dict[str, Any]:
    if rule.measure == "errors":
        return _error_split(ledger, _dimension(rule), name, hour_us)
    return _spend_split(rule, name, ledger, hour_us, first_us)


def _spend_split(rule: Rule, name: str, ledger: Readable, hour_us: int, first_us: int) -> dict[str, Any]:
    """Why the hour cost more than the same hour a week ago, or a day ago where there is no week."""
    earlier_us = hour_us - (7 * DAY_US if hour_us - 7 * DAY_US >= first_us else DAY_US)
    chosen: dict[str, Any] = {_FACETS[rule.by]: (name,)} if rule.by in _FACETS else {}
    later, earlier = (
        Filters(from_us(since), from_us(since) + timedelta(hours=1), **chosen) for since in (hour_us, earlier_us)
    )
    by = "model" if rule.by in {"provider", EVERYTHING} else "provider"
    return _as_facts(spending.between(later, earlier, by, ledger), by, earlier_us)


def _as_facts(why: Split, by: str, earlier_us: int) -> dict[str, Any]:
    parts = sorted(why.parts.items(), key=lambda part: -part[1])
    return {
        "compared_with": from_us(earlier_us).isoformat(),
        "more_usd": f"{why.difference_usd:f}",
        "explained_by": ", ".join(f"{cause} {amount:+.4f}" for cause, amount in parts if amount),
        "split": {cause: f"{amount:f}" for cause, amount in parts},
        f"by_{by}": {one.value or "other": f"{one.difference_usd:f}" for one in why.changes[:MOST_PARTS]},
    }


def _errors(rule: Rule, frame: pl.DataFrame, hour_us: int, hours: list[int]) -> list[Finding]:
    ended, errors = _by_name(frame, "ended"), _by_name(frame, "errors")
    found = []
    for name in ended:
        failed = errors[name].get(hour_us, 0.0)
        season = _expected_errors(ended[name], errors[name], hours, hour_us)
        facts = {"errors": int(failed), "attempts": int(ended[name].get(hour_us, 0))}
        found.append(_finding(rule, name, hour_us, season, failed, facts=facts, least=LEAST_ERRORS))
    return found


def _expected_errors(
    ended: dict[int, float], errors: dict[int, float], hours: list[int], hour_us: int
) -> Expected | None:
    """The rate of comparable hours on this hour's attempts; spread as of independent failures, and no less than one."""
    tried = sum(ended.get(hour, 0.0) for hour in hours)
    if len(hours) < LEAST_HOURS or not tried:
        return None
    rate = sum(errors.get(hour, 0.0) for hour in hours) / tried
    middle = rate * ended.get(hour_us, 0.0)
    return Expected(middle, max(1.0, sqrt(middle * (1 - rate))))


def _error_split(ledger: Readable, dimension: str, name: str, hour_us: int) -> dict[str, Any]:
    before_us = hour_us - DAY_US
    bound = {"after_us": hour_us, "before_us": before_us, "name": name, "rows": MOST_PARTS}
    sql = sqlfiles.text("alerts/errors_split").replace("{dimension}", dimension)
    parts = ledger.read(sql, bound).to_dicts()
    told = [f"{one['deployment']} {one['kind']} {(one['after'] or 0) - (one['before'] or 0):+d}" for one in parts]
    return {"compared_with": from_us(before_us).isoformat(), "explained_by": ", ".join(told), "split": parts}


def _finding(
    rule: Rule,
    name: str,
    hour_us: int,
    season: Expected | None,
    found: float,
    *,
    facts: dict[str, Any],
    least: float = 0.0,
) -> Finding:
    most = DEFAULT_SCORE if rule.above is None else rule.above
    score = None if season is None else season.score(found)
    facts |= {
        "measure": rule.measure,
        "hour": from_us(hour_us).isoformat(),
        "expected": None if season is None else round(season.middle, 6),
        "score": None if score is None else round(score, 2),
    }
    crossed = None if score is None else score > most and found >= least
    return Finding(rule.name, name, f"{most:g} spreads", crossed, None, facts, event="detected")


def _by_name(frame: pl.DataFrame, column: str) -> dict[str, dict[int, float]]:
    found: dict[str, dict[int, float]] = {}
    for hour_us, name, value in frame.select("hour_us", "name", column).iter_rows():
        if name is not None:
            found.setdefault(name, {})[hour_us] = float(value)
    return found
