"""Books repricings: recorded attempts get the cost that the book says now, beside the cost that was booked.

A repricing is asked for on the spool and done by a job, day by day. A day is one transaction; done twice it changes
nothing the second time, so it does not matter where a crash interrupts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from analytics.pricing import shelf
from analytics.pricing.bulk import book_costs
from scalix.store import sqlfiles
from scalix.store.ledger import frame_of
from scalix.times import MICROSECONDS, from_us

if TYPE_CHECKING:
    import duckdb

    from scalix.store.ledger import Ledger

_DAY_US = 86_400 * MICROSECONDS


@dataclass(frozen=True)
class Asked:
    """A repricing that was asked for: which attempts, by the prices as known when."""

    booked_us: int
    since_us: int
    until_us: int
    known_at_us: int


def book_repricings(ledger: Ledger, *, now_us: int) -> int:
    """Do the repricings asked for and not done; returns how many attempts were adjusted. Raises StoreError."""
    return sum(
        _book(ledger, Asked(**row), now_us) for row in ledger.read(sqlfiles.text("repricing/pending")).to_dicts()
    )


def _book(ledger: Ledger, asked: Asked, now_us: int) -> int:
    adjusted = 0
    for since_us in _days(ledger, asked):
        span: dict[str, object] = {"since_us": since_us, "until_us": min(since_us + _DAY_US, asked.until_us)}
        with ledger.transaction() as cursor:
            adjusted += _adjust(cursor, asked, span, now_us)
    with ledger.transaction() as cursor:
        cursor.execute(sqlfiles.text("repricing/finish"), {"booked_us": asked.booked_us}).fetchall()
    return adjusted


def _days(ledger: Ledger, asked: Asked) -> range:
    """The starts of the days of a repricing in which there can be attempts."""
    ((first, last),) = ledger.read("SELECT epoch_us(min(started_at)), epoch_us(max(started_at)) FROM attempts").rows()
    if first is None:
        return range(0)
    return range(max(asked.since_us, first), min(asked.until_us, last + 1), _DAY_US)


def _adjust(cursor: duckdb.DuckDBPyConnection, asked: Asked, span: dict[str, object], now_us: int) -> int:
    rows = frame_of(cursor, sqlfiles.text("repricing/attempts"), span)
    costs = book_costs(rows, shelf.current(cursor), from_us(asked.known_at_us))
    repriced = rows.select("seq").hstack([costs]).filter(pl.col("book_cost_pusd").is_not_null())
    cursor.register("repriced", repriced)
    changed = frame_of(cursor, sqlfiles.text("repricing/changed"))
    if changed.height:
        _replace(cursor, changed, asked.booked_us, now_us)
    return changed.height


def _replace(cursor: duckdb.DuckDBPyConnection, changed: pl.DataFrame, booked_us: int, now_us: int) -> None:
    ((last,),) = cursor.execute("SELECT max(seq) FROM attempts").fetchall()
    cursor.register("changed", changed)
    cursor.execute(sqlfiles.text("repricing/insert_adjustments"), {"booked_us": booked_us}).fetchall()
    cursor.execute(sqlfiles.text("repricing/insert_adjusted"), {"last": last}).fetchall()
    cursor.register("late", changed.select(pl.col("seq").alias("row_seq")))
    cursor.execute(sqlfiles.text("ingest/drop_rows")).fetchall()
    cursor.execute(sqlfiles.text("ingest/note_replaced"), {"now_us": now_us}).fetchall()
