"""What recorded attempts cost by the book, as known at a moment, beside what was recorded: nothing is changed."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl

from analytics.pricing.bulk import book_costs
from scalix.events import PICODOLLARS
from scalix.store import sqlfiles
from scalix.store.lake_file import open_lake
from scalix.store.ledger import frame_of
from scalix.times import MICROSECONDS, to_us

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from analytics.pricing.book import Book
    from scalix.folder import Folder

_DAY_US = 86_400 * MICROSECONDS


@dataclass(frozen=True)
class Change:
    """The attempts of one model: their recorded cost, and their cost by the book.

    The amounts are sums of what is known. ``differing`` counts attempts whose two costs are known and not the same.
    """

    provider: str
    model: str
    attempts: int
    recorded_usd: Decimal
    book_usd: Decimal
    differing: int
    unpriced: int
    nearest: str | None
    """A priced name like that of a model the book does not know."""

    def as_dict(self) -> dict[str, Any]:
        """For JSON: amounts as text, so that no digit is lost."""
        amounts = {"recorded_usd": f"{self.recorded_usd:f}", "book_usd": f"{self.book_usd:f}"}
        return {**vars(self), **amounts}


def reprice(folder: Folder, book: Book, since: datetime, until: datetime, known_at: datetime) -> list[Change]:
    """Price what the lake holds of a span, day by day, by the facts known at ``known_at``. Raises StoreError."""
    sums = [_sums(frame, book, known_at) for frame in _days(folder, to_us(since), to_us(until))]
    if not sums:
        return []
    keys = ["provider", "model"]
    total = pl.concat(sums).group_by(keys).agg(pl.exclude(keys).sum()).sort(keys, nulls_last=True)
    return [_change(row, book) for row in total.iter_rows(named=True)]


def _days(folder: Folder, since_us: int, until_us: int) -> Iterator[pl.DataFrame]:
    connection = open_lake(folder.lake_views)
    try:
        sql = sqlfiles.text("prices/attempts")
        for start in range(since_us, until_us, _DAY_US):
            span: dict[str, object] = {"since_us": start, "until_us": min(start + _DAY_US, until_us)}
            frame = frame_of(connection, sql, span)
            if frame.height:
                yield frame
    finally:
        connection.close()


def _sums(frame: pl.DataFrame, book: Book, known_at: datetime) -> pl.DataFrame:
    costs = book_costs(frame, book, known_at)
    recorded, booked = pl.col("recorded_pusd"), pl.col("book_pusd")
    return (
        frame.select("provider", "model", "recorded_pusd", book_pusd=costs)
        .group_by("provider", "model")
        .agg(
            attempts=pl.len().cast(pl.Int64),
            recorded=recorded.sum().cast(pl.Int128),
            book=booked.sum().cast(pl.Int128),
            differing=(recorded != booked).sum().cast(pl.Int64),
            unpriced=booked.is_null().sum().cast(pl.Int64),
        )
    )


def _change(row: dict[str, Any], book: Book) -> Change:
    provider, model = row["provider"] or "", row["model"] or ""
    unknown = row["unpriced"] and book.find(provider, model) is None
    return Change(
        provider,
        model,
        row["attempts"],
        Decimal(row["recorded"]) / PICODOLLARS,
        Decimal(row["book"]) / PICODOLLARS,
        row["differing"],
        row["unpriced"],
        book.nearest(provider, model) if unknown else None,
    )
