"""What was spent since a moment by what a budget speaks of: for hundreds of budgets in one question to the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl

from analytics.budgets.definitions import SCOPES
from scalix.store import sqlfiles
from scalix.times import to_us

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from analytics.reading import Readable

_SUMS = ("attempts", "unpriced", "spent_usd", "open_usd")


@dataclass(frozen=True)
class Spent:
    """Attempts that count toward a budget since a moment. Amounts are dollars."""

    attempts: int = 0
    """Handed to a provider."""
    unpriced: int = 0
    """Used tokens, at a cost that nobody knows."""
    spent_usd: Decimal = Decimal(0)
    """Of what is known."""
    open_usd: Decimal = Decimal(0)
    """Upper bounds of calls that broke off, whose cost nobody knows."""


@dataclass(frozen=True)
class Wanted:
    """Since when, and which values an attempt must have: pairs of a dimension and its value, sorted."""

    start: datetime
    scope: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, start: datetime, scope: Mapping[str, str]) -> Wanted:
        """The question for a budget's scope."""
        return cls(start, tuple(sorted(scope.items())))

    @property
    def shape(self) -> tuple[str, ...]:
        """The dimensions named, without their values."""
        return tuple(name for name, _ in self.scope)


def spent_until(wanted: Iterable[Wanted], ledger: Readable, at: datetime) -> dict[Wanted, Spent]:
    """The answer to each question, of attempts that started before ``at``. All are of one moment. Raises StoreError."""
    asked = list(wanted)
    if not asked:
        return {}
    pieces = ledger.read(sqlfiles.text("budgets/spent"), _bound(asked, at))
    shapes = {shape: _pieces_of(pieces, shape) for shape in {one.shape for one in asked}}
    tables = {
        (start, shape): _sums(shapes[shape], start, shape) for start, shape in {(a.start, a.shape) for a in asked}
    }
    return {one: tables[one.start, one.shape].get(tuple(value for _, value in one.scope), Spent()) for one in asked}


def _bound(asked: list[Wanted], at: datetime) -> dict[str, object]:
    starts = sorted({one.start for one in asked})
    named: dict[str, set[str]] = {name: set() for name in SCOPES}
    for one in asked:
        for name, value in one.scope:
            named[name].add(value)
    return {"first": starts[0], "at": at, "starts": starts, **{name: sorted(values) for name, values in named.items()}}


def _pieces_of(pieces: pl.DataFrame, shape: tuple[str, ...]) -> pl.DataFrame:
    """By the values of these dimensions alone, None for those that nobody asks for.

    An attempt of several tags stands under each of them.
    """
    if "tag" in shape:
        pieces = pieces.filter(pl.col("tag").list.len() > 0).explode("tag")
    return pieces.group_by("start_us", *shape).agg(pl.col(_SUMS).sum())


def _sums(pieces: pl.DataFrame, start: datetime, shape: tuple[str, ...]) -> dict[tuple[Any, ...], Spent]:
    since = pieces.filter(pl.col("start_us") >= to_us(start))
    grouped = since.group_by(shape).agg(pl.col(_SUMS).sum()) if shape else since.select(pl.col(_SUMS).sum())
    return {row[: len(shape)]: Spent(*row[len(shape) :]) for row in grouped.select(*shape, *_SUMS).iter_rows()}
