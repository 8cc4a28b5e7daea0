"""Events that come after their attempt got its row: the row is replaced, or left alone when nothing new was said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from scalix.store import sqlfiles
from scalix.store.ledger import frame_of

if TYPE_CHECKING:
    import duckdb

_BOUNDS = ("input_tokens_high", "output_tokens_high")


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
    cursor.register("folded", late.with_columns(status, pl.col("row_seq").alias("seq")))
    return frame_of(cursor, sqlfiles.text("ingest/typed_attempts")).sort("seq")


def _merge(rows: pl.DataFrame, folded: pl.DataFrame, whole: pl.Series) -> pl.DataFrame:
    both = rows.hstack(folded.rename(lambda name: f"new:{name}")).with_columns(whole.alias("whole"))
    row_wins = pl.col("final") | pl.col("new:status").is_null()
    tokens_known = (pl.col("tokens_source") == "reported").fill_null(value=False)
    merged = []
    for name in rows.columns:
        old, new = pl.col(name), pl.col(f"new:{name}")
        filled = pl.when(row_wins).then(pl.coalesce(old, new)).otherwise(pl.coalesce(new, old))
        if name in _BOUNDS:
            filled = pl.when(~tokens_known).then(filled)
        merged.append(pl.when("whole").then(new).otherwise(filled).alias(name))
    return both.select(merged)


def _changed(rows: pl.DataFrame, merged: pl.DataFrame) -> pl.Series:
    comparison = [rows[name].ne_missing(merged[name]).alias(name) for name in rows.columns if name != "seq"]
    return pl.DataFrame(comparison).select(pl.any_horizontal(pl.all())).to_series()


def _replace(cursor: duckdb.DuckDBPyConnection, old: pl.DataFrame, new: pl.DataFrame, now_us: int) -> None:
    ((last,),) = cursor.execute("SELECT max(seq) FROM attempts").fetchall()
    cursor.register("late", old.select(pl.col("seq").alias("row_seq")))
    cursor.execute(sqlfiles.text("ingest/drop_rows")).fetchall()
    cursor.execute(sqlfiles.text("ingest/note_replaced"), {"now_us": now_us}).fetchall()
    cursor.register("typed", new.drop("seq").with_row_index("seq", last + 1))
    cursor.execute(sqlfiles.text("ingest/insert_attempts")).fetchall()
