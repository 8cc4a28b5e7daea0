"""What was recorded of the calls that a statement is about, by day and model."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from analytics.pricing.matching import model_name, undated
from analytics.pricing.meters import TOKEN_CLASSES
from analytics.rollups.declared import DAY_US
from scalix.store import sqlfiles
from scalix.times import EPOCH

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from decimal import Decimal

    from analytics.reading import Readable

Tokens = dict[str, int]


@dataclass(frozen=True)
class Cell:
    """Calls of one model that began on one day and ended on one day, and of which the same is known."""

    provider: str
    model: str
    """Without its provider and without the date of its version, as both sides are compared."""
    day: date
    ended: date
    is_copy: bool
    """Their answers were recorded already."""
    kind: str
    """``priced``; ``unpriced``, at a cost nobody knows; ``failed``, without usage."""
    calls: int
    cost_usd: Decimal
    high_usd: Decimal | None
    """The most that failed calls can have cost, where that is known."""
    tokens: Tokens
    """By token class, none of failed calls."""


def recorded(ledger: Readable, providers: Collection[str], first: date, last: date) -> list[Cell]:
    """The calls of some days, with those of the day before, which may have ended on the first. Raises StoreError."""
    since_day, until_day = (day - EPOCH.date() for day in (first - timedelta(days=1), last + timedelta(days=2)))
    bound: dict[str, object] = {
        "providers": sorted(providers),
        "since_us": since_day.days * DAY_US,
        "until_us": until_day.days * DAY_US,
    }
    return [_cell(row) for row in ledger.read(sqlfiles.text("reconcile/recorded"), bound).iter_rows(named=True)]


def key_of(provider: str, model: str) -> str:
    """The name under which a model is compared, whatever prefix and version either side writes."""
    return undated(model_name(provider, model))


def merged_into(tokens: Mapping[str, int], merged: Mapping[str, str]) -> Tokens:
    """The counts by those classes alone that a statement tells apart."""
    found: Tokens = {}
    for name, count in tokens.items():
        kept = merged.get(name, name)
        found[kept] = found.get(kept, 0) + count
    return found


def _cell(row: dict[str, Any]) -> Cell:
    name = row["served_model"] or row["model"] or ""
    counts = {} if row["kind"] == "failed" else {name: row[name] for name in TOKEN_CLASSES if row[name]}
    return Cell(
        provider=row["provider"],
        model=key_of(row["provider"], name),
        day=EPOCH.date() + timedelta(days=row["started_day"]),
        ended=EPOCH.date() + timedelta(days=row["ended_day"]),
        is_copy=row["is_copy"],
        kind=row["kind"],
        calls=row["calls"],
        cost_usd=row["cost_usd"],
        high_usd=row["high_usd"],
        tokens=counts,
    )
