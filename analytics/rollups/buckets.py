"""Buckets in the ledger: reading them, and writing of those computed anew only what differs from what is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from analytics.rollups.computing import BUCKET
from scalix.store import sqlfiles
from scalix.store.ledger import frame_of

if TYPE_CHECKING:
    import duckdb


def source_rows(cursor: duckdb.DuckDBPyConnection, query: str, buckets: pl.DataFrame, width_us: int) -> pl.DataFrame:
    """The rows that buckets are computed from. The bounds let DuckDB pass over everything older and newer."""
    cursor.register("touched", buckets)
    return frame_of(cursor, sqlfiles.text(query), _bounds(buckets, width_us))


def stored(cursor: duckdb.DuckDBPyConnection, table: str, within: pl.DataFrame, width_us: int) -> pl.DataFrame:
    """A table's buckets inside these, which may be wider: all of them, or those of the keys that ``within`` names."""
    cursor.register("touched", within)
    return frame_of(cursor, _of_table("rollups/buckets", table, within), _bounds(within, width_us))


def differing(filled: pl.DataFrame, there: pl.DataFrame) -> pl.DataFrame:
    """The rows that are in one of two frames alone, in the types of the second; ``is_filled`` says in which."""
    same_types = filled.select(there.columns).cast(there.schema).with_columns(is_filled=pl.lit(value=True))
    both = pl.concat([same_types, there.with_columns(is_filled=pl.lit(value=False))])
    return both.unique(subset=there.columns, keep="none")


def replace(
    cursor: duckdb.DuckDBPyConnection, table: str, changed: pl.DataFrame, rows: pl.DataFrame, width_us: int
) -> None:
    """Put rows in the place of those of these buckets and keys."""
    drop(cursor, table, changed, width_us)
    cursor.register("filled", rows)
    cursor.execute(sqlfiles.text("rollups/insert").replace("{table}", table)).fetchall()


def drop(cursor: duckdb.DuckDBPyConnection, table: str, within: pl.DataFrame, width_us: int) -> None:
    """Take out what `stored` reads."""
    cursor.register("touched", within)
    cursor.execute(_of_table("rollups/drop", table, within), _bounds(within, width_us)).fetchall()


def _of_table(query: str, table: str, within: pl.DataFrame) -> str:
    keys = (f"AND t.{key} IS NOT DISTINCT FROM c.{key}" for key in within.columns if key != BUCKET)
    return sqlfiles.text(query).replace("{table}", table).replace("{same_keys}", " ".join(keys))


def _bounds(buckets: pl.DataFrame, width_us: int) -> dict[str, object]:
    first_us, last_us = buckets.select(pl.col(BUCKET).min(), pl.col(BUCKET).max().alias("last")).row(0)
    return {"first_us": first_us, "end_us": last_us + width_us, "width_us": width_us}
