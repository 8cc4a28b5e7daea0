"""The data quality job: what of each day cannot be fully trusted, found again whenever the day changes, and kept.

Days are looked at anew when attempts of theirs came in or were changed, and as long as they are today or yesterday. A
day's findings are replaced in one transaction, so finding twice changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from analytics.pricing import shelf
from analytics.rollups.declared import DAY_US
from scalix.store import sqlfiles
from scalix.store.ledger import frame_of
from scalix.times import MICROSECONDS, from_us

if TYPE_CHECKING:
    import duckdb

    from analytics.pricing.book import Book
    from scalix.store.ledger import Ledger

AHEAD_US = 2 * MICROSECONDS
"""Clocks of one network differ by less."""


def check(ledger: Ledger, *, now_us: int) -> int:
    """Look at every day that may have changed. Returns how many findings those days have. Raises StoreError."""
    ((checked, newest),) = ledger.read(sqlfiles.text("quality/checked_to")).rows()
    touched = ledger.read(sqlfiles.text("quality/touched_days"), {"checked": checked})["day_us"].to_list()
    today = now_us // DAY_US * DAY_US
    days = sorted({*touched, today, today - DAY_US})
    findings = 0
    for day_us in days:
        with ledger.transaction() as cursor:
            findings += _check_day(cursor, day_us, now_us)
    with ledger.transaction() as cursor:
        _note_ahead(cursor, today, now_us)
        done = {"now_us": now_us, "last": newest, "days": len(days), "findings": findings}
        cursor.execute(sqlfiles.text("quality/insert_check"), done).fetchall()
    return findings


def _check_day(cursor: duckdb.DuckDBPyConnection, day_us: int, now_us: int) -> int:
    span: dict[str, object] = {"start": from_us(day_us), "end": from_us(day_us + DAY_US)}
    found = frame_of(cursor, sqlfiles.text("quality/findings"), span)
    cursor.execute(sqlfiles.text("quality/drop_findings"), {"day_us": day_us}).fetchall()
    if found.height:
        _insert(cursor, _with_nearest(found, shelf.current(cursor)), day_us, now_us)
    return found.height


def _with_nearest(found: pl.DataFrame, book: Book) -> pl.DataFrame:
    """Beside a model without a price stands the priced one whose name is most alike."""
    nearest = [
        book.nearest(provider, model) if kind == "unpriced" and provider and model else None
        for kind, provider, model in found.select("kind", "provider", "model").iter_rows()
    ]
    return found.with_columns(pl.coalesce("subject", pl.Series(nearest, dtype=pl.String)).alias("subject"))


def _note_ahead(cursor: duckdb.DuckDBPyConnection, day_us: int, now_us: int) -> None:
    bound: dict[str, object] = {"now_us": now_us, "tolerance_us": AHEAD_US}
    ahead = frame_of(cursor, sqlfiles.text("quality/ahead"), bound)
    if ahead.height:
        lead = (pl.col("ahead_us") // MICROSECONDS).cast(pl.String)
        subject = pl.concat_str(pl.col("host").fill_null("unknown host"), pl.lit(" by "), lead, pl.lit(" s"))
        kind = pl.lit("clock_ahead").alias("kind")
        _insert(cursor, ahead.select(kind, subject.alias("subject"), "events"), day_us, now_us)


def _insert(cursor: duckdb.DuckDBPyConnection, found: pl.DataFrame, day_us: int, now_us: int) -> None:
    cursor.register("found", found)
    bound = {"day_us": day_us, "now_us": now_us}
    cursor.execute(sqlfiles.text("quality/insert_findings"), bound).fetchall()
