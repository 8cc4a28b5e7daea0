"""Events that come after their attempt got its row: the row is replaced, or left alone when nothing new was said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from analytics.intake.booking import BOOKED, UNBOOKED, booked
from analytics.pricing import shelf
from scalix.store import sqlfiles
from scalix.store.ledger import frame_of

if TYPE_CHECKING:
    import duckdb

_BOUNDS = ("input_tokens_high", "output_tokens_high")
_OURS = ("book_agrees", "book_cost_usd", "high_cost_usd", "book_saved_usd")
"""What the book says of a row, not its events: asked anew when the row changes, and never the reason for a change."""
_UNCOMPARED = {"seq", "adjusted_usd", *_OURS}


def merge_late(cursor: duckdb.DuckDBPyConnection, late: pl.DataFrame, *, now_us: int) -> int:
    """Replace rows by what their attempts fold to with the late events; returns how many changed.

    ``late`` is folded attempts with ``row_seq``, the row each has. Where all events of the attempt are still kept
    (``written``), the fold is the whole truth. Otherwise the fold knows the late events only: a final row has its
    gaps filled, another is overlaid.
    """
    if late.is_empty():
        return 0
    rows = _rows(cursor, late)
    folded = _typed(cursor, late)
    whole = late.sort("row_seq")["written"]
    merged = _merge(rows, folded, whole)
    changed = _changed(rows, merged)
    if changed.any():
        _replace(cursor, rows.filter(changed), merged.filter(changed), now_us)
    return int(changed.sum())


def _rows(cursor: duckdb.DuckDBPyConnection, late: pl.DataFrame) -> pl.DataFrame:
    cursor.register("late", late.select("row_seq"))
    return frame_of(cursor, sqlfiles.text("ingest/rows_by_seq"))


def _typed(cursor: duckdb.DuckDBPyConnection, late: pl.DataFrame) -> pl.DataFrame:
    """The folded attempts as rows, in the order of the rows they meet."""
    status = pl.when("written").then(pl.coalesce("status", "silent_status")).otherwise("status").alias("status")
    cursor.register("folded", late.with_columns(status, pl.col("row_seq").alias("seq"), *UNBOOKED))
    return frame_of(cursor, sqlfiles.text("ingest/typed_attempts")).sort("seq")


def _merge(rows: pl.DataFrame, folded: pl.DataFrame, whole: pl.Series) -> pl.DataFrame:
    both = rows.hstack(folded.rename(lambda name: f"new:{name}")).with_columns(whole.alias("whole"))
    row_wins = pl.col("final") | pl.col("new:status").is_null()
    tokens_known = (pl.col("tokens_source") == "reported").fill_null(value=False)
    merged = [pl.col("adjusted_usd")]
    for name in rows.drop("adjusted_usd").columns:
        old, new = pl.col(name), pl.col(f"new:{name}")
        filled = pl.when(row_wins).then(pl.coalesce(old, new)).otherwise(pl.coalesce(new, old))
        if name in _BOUNDS:
            filled = pl.when(~tokens_known).then(filled)
        merged.append(pl.when("whole").then(new).otherwise(filled).alias(name))
    return both.select(merged).select(rows.columns)


def _changed(rows: pl.DataFrame, merged: pl.DataFrame) -> pl.Series:
    comparison = [rows[name].ne_missing(merged[name]).alias(name) for name in rows.columns if name not in _UNCOMPARED]
    return pl.DataFrame(comparison).select(pl.any_horizontal(pl.all())).to_series()


def _replace(cursor: duckdb.DuckDBPyConnection, old: pl.DataFrame, new: pl.DataFrame, now_us: int) -> None:
    ((last,),) = cursor.execute("SELECT max(seq) FROM attempts").fetchall()
    cursor.register("late", old.select(pl.col("seq").alias("row_seq")))
    cursor.execute(sqlfiles.text("ingest/drop_rows")).fetchall()
    cursor.execute(sqlfiles.text("ingest/note_replaced"), {"now_us": now_us}).fetchall()
    cursor.register("typed", _with_costs(cursor, new, now_us).drop("seq").with_row_index("seq", last + 1))
    cursor.execute(sqlfiles.text("ingest/insert_attempts")).fetchall()


def _with_costs(cursor: duckdb.DuckDBPyConnection, rows: pl.DataFrame, now_us: int) -> pl.DataFrame:
    """Typed rows with what the book says of them now, amounts in picodollars under the names of ``BOOKED``."""
    said = [_pusd("litellm_cost"), _pusd("provider_cost"), pl.col("started_at").dt.epoch("us").alias("started_us")]
    costs = booked(rows.with_columns(said), shelf.current(cursor), now_us=now_us)
    return rows.drop(_OURS).hstack(costs.select(BOOKED))


def _pusd(amount: str) -> pl.Expr:
    """An amount of twelve digits after the point as the integer that it is stored as."""
    return pl.col(f"{amount}_usd").to_physical().cast(pl.Int64).alias(f"{amount}_pusd")
