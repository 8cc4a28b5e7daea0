"""Brings rollups up to the ledger: the buckets that new or replaced attempts fall into are computed anew.

A replaced attempt keeps its start and gets a new sequence, so the buckets of the rows beyond the last sequence filled,
and of what hangs together with them, are all that can have changed. Backfill and the scheduled run are this one loop.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from polars import selectors as cs

from analytics.rollups.computing import BUCKET, from_buckets, from_rows
from analytics.rollups.declared import DAY_US, GRAINS, ROLLUPS, Rollup
from scalix.store import sqlfiles
from scalix.store.ledger import frame_of

if TYPE_CHECKING:
    import duckdb

    from scalix.store.ledger import Ledger

STEP_ROWS = 200_000
"""So many new attempts are dealt with in one transaction."""
_MONEY = pl.Decimal(38, 12)


def refresh_rollups(ledger: Ledger, *, now_us: int, rollups: tuple[Rollup, ...] = ROLLUPS) -> int:
    """Fill all rollups up to the ledger's last attempt. Returns how many buckets that were. Raises StoreError."""
    filled = 0
    for rollup in rollups:
        while (buckets := _step(ledger, rollup, now_us)) is not None:
            filled += buckets
    return filled


def _step(ledger: Ledger, rollup: Rollup, now_us: int) -> int | None:
    """One transaction: the buckets of the next rows; None when there are none."""
    with ledger.transaction() as cursor:
        ((since,),) = cursor.execute(sqlfiles.text("rollups/filled_to"), {"rollup": rollup.name}).fetchall()
        ask: dict[str, object] = {"since": since, "most": STEP_ROWS}
        ((last, first_us, last_us),) = cursor.execute(sqlfiles.text("rollups/next_rows"), ask).fetchall()
        if last is None:
            return None
        rows: dict[str, object] = {"since": since, "last": last, "width_us": GRAINS[rollup.grains[0]]}
        span = {"first_us": first_us, "last_us": last_us}
        sql = sqlfiles.text(rollup.source.touched)
        touched = frame_of(cursor, sql, rows | {name: one for name, one in span.items() if f"${name}" in sql})
        _fill(cursor, rollup, _as_kept(cursor, touched, GRAINS[rollup.grains[0]]))
        done = {"rollup": rollup.name, "last": last, "buckets": touched.height, "now_us": now_us}
        cursor.execute(sqlfiles.text("rollups/note_fill"), done).fetchall()
    return touched.height


def _as_kept(cursor: duckdb.DuckDBPyConnection, touched: pl.DataFrame, width_us: int) -> pl.DataFrame:
    """Without the buckets whose attempts are no longer kept; whole days where finer buckets of them are not."""
    ((attempts_us, buckets_us),) = cursor.execute(sqlfiles.text("retention/complete_since")).fetchall()
    kept = touched.filter(pl.col(BUCKET) >= attempts_us)
    days = kept.filter(pl.col(BUCKET) < buckets_us).select((pl.col(BUCKET) // DAY_US * DAY_US).unique())
    within = pl.DataFrame({"offset": range(0, DAY_US, width_us)}, schema={"offset": pl.Int64})
    whole = days.join(within, how="cross").select(pl.col(BUCKET) + pl.col("offset"))
    return pl.concat([kept.filter(pl.col(BUCKET) >= buckets_us), whole])


def _fill(cursor: duckdb.DuckDBPyConnection, rollup: Rollup, touched: pl.DataFrame) -> None:
    if touched.is_empty():
        return
    finest, *coarser = rollup.grains
    for stretch in _stretches(touched):
        rows = _read(cursor, rollup.source.rows, stretch, width_us=GRAINS[finest])
        money = cs.decimal().cast(_MONEY)
        _replace(cursor, rollup.table(finest), stretch, from_rows(rollup, rows.with_columns(money)))
    below = finest
    for grain in coarser:
        width = GRAINS[grain]
        touched = touched.select((pl.col(BUCKET) // width * width).unique())
        buckets = _read(cursor, "rollups/buckets", touched, table=rollup.table(below), width_us=width)
        _replace(cursor, rollup.table(grain), touched, from_buckets(rollup, buckets, grain))
        below = grain


def _stretches(touched: pl.DataFrame) -> list[pl.DataFrame]:
    """The buckets in groups that lie far apart, so that one late attempt does not have all since then read."""
    far = pl.col(BUCKET).sort().diff().fill_null(0) > DAY_US
    return touched.sort(BUCKET).with_columns(far.cum_sum().alias("stretch")).partition_by("stretch", include_key=False)


def _read(
    cursor: duckdb.DuckDBPyConnection, query: str, touched: pl.DataFrame, *, width_us: int, table: str = ""
) -> pl.DataFrame:
    """What lies in these buckets. The bounds let DuckDB pass over everything older and newer."""
    cursor.register("touched", touched)
    bounds: dict[str, object] = {
        "first_us": touched[BUCKET].min(),
        "end_us": touched.select(pl.col(BUCKET).max() + width_us).item(),
        "width_us": width_us,
    }
    return frame_of(cursor, sqlfiles.text(query).replace("{table}", table), bounds)


def _replace(cursor: duckdb.DuckDBPyConnection, table: str, touched: pl.DataFrame, rows: pl.DataFrame) -> None:
    cursor.register("touched", touched)
    cursor.register("filled", rows)
    for query in ("rollups/drop", "rollups/insert"):
        cursor.execute(sqlfiles.text(query).replace("{table}", table)).fetchall()
