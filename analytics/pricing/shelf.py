"""Where the price book is kept: the ledger's table ``prices``, to which facts are only ever added."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from analytics.pricing.book import FACT_SCHEMA, Book
from scalix.store import sqlfiles
from scalix.store.ledger import frame_of

if TYPE_CHECKING:
    import duckdb

_held: dict[tuple[int, int], Book] = {}
"""The book last read, by what it holds: books of equal content are the same book, whichever ledger they are in."""


def current(cursor: duckdb.DuckDBPyConnection) -> Book:
    """The book as this cursor sees it, read anew only when it has changed."""
    (version,) = cursor.execute(sqlfiles.text("prices/version")).fetchall()
    if version not in _held:
        book = Book(_read(cursor))
        _held.clear()
        _held[version] = book
        return book
    return _held[version]


def add(cursor: duckdb.DuckDBPyConnection, facts: pl.DataFrame) -> None:
    """Add facts, a frame of ``FACT_SCHEMA``, inside the caller's transaction. Facts that are there stay once."""
    if facts.height:
        cursor.register("new_prices", facts.with_columns(pl.col("amount").cast(pl.String)))
        cursor.execute(sqlfiles.text("prices/insert")).fetchall()


def _read(cursor: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    frame = frame_of(cursor, sqlfiles.text("prices/all"))
    moments = pl.col("valid_from", "valid_to", "known_from").dt.replace_time_zone("UTC")
    return frame.with_columns(moments).select(FACT_SCHEMA.names()).cast(FACT_SCHEMA)
