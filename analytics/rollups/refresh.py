"""Brings rollups up to the ledger: the buckets that new or replaced attempts fall into are computed anew.

A replaced attempt keeps its start and gets a new sequence, so the buckets of the rows beyond the last sequence filled,
and of what hangs together with them, are all that can have changed. Backfill and the scheduled run are this one loop.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import polars as pl

from analytics.rollups.buckets import differing, drop, replace, source_rows, stored
from analytics.rollups.computing import BUCKET, from_buckets, from_rows, widened
from analytics.rollups.declared import DAY_US, GRAINS, ROLLUPS, Rollup
from scalix.store import sqlfiles
from scalix.store.ledger import frame_of

if TYPE_CHECKING:
    import duckdb

    from scalix.store.ledger import Ledger

STEP_ROWS = 200_000
"""So many new attempts are dealt with in one transaction."""
AT_ONCE = 2
"""So many rollups are refreshed side by side: each has tables of its own and is as far as its own fills say."""


def refresh_rollups(ledger: Ledger, *, now_us: int, rollups: tuple[Rollup, ...] = ROLLUPS) -> int:
    """Fill all rollups up to the ledger's last attempt. Returns how many buckets that were. Raises StoreError."""
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="rollup") as pool:
        return sum(pool.map(lambda rollup: _refresh(ledger, rollup, now_us), rollups))


def _refresh(ledger: Ledger, rollup: Rollup, now_us: int) -> int:
    filled, more = 0, True
    while more:
        buckets, more = _step(ledger, rollup, now_us)
        filled += buckets
    return filled


def _step(ledger: Ledger, rollup: Rollup, now_us: int) -> tuple[int, bool]:
    """One transaction: how many buckets the next rows touch, and whether there may be more rows."""
    with ledger.transaction() as cursor:
        ((since,),) = cursor.execute(sqlfiles.text("rollups/filled_to"), {"rollup": rollup.name}).fetchall()
        ask: dict[str, object] = {"since": since, "most": STEP_ROWS}
        ((count, last, first_us, last_us),) = cursor.execute(sqlfiles.text("rollups/next_rows"), ask).fetchall()
        if not count:
            return 0, False
        rows: dict[str, object] = {"since": since, "last": last, "width_us": GRAINS[rollup.grains[0]]}
        span = {"first_us": first_us, "last_us": last_us}
        sql = sqlfiles.text(rollup.source.touched)
        touched = frame_of(cursor, sql, rows | {name: one for name, one in span.items() if f"${name}" in sql})
        _fill(cursor, rollup, _as_kept(cursor, rollup, touched))
        done = {"rollup": rollup.name, "last": last, "buckets": touched.height, "now_us": now_us}
        cursor.execute(sqlfiles.text("rollups/note_fill"), done).fetchall()
    return touched.height, count == STEP_ROWS


def _as_kept(cursor: duckdb.DuckDBPyConnection, rollup: Rollup, touched: pl.DataFrame) -> pl.DataFrame:
    """Without buckets whose attempts are not kept; whole days, emptied first, where finer buckets of them are not."""
    ((attempts_us, buckets_us),) = cursor.execute(sqlfiles.text("retention/complete_since")).fetchall()
    kept = touched.filter(pl.col(BUCKET) >= attempts_us)
    days = widened(kept.filter(pl.col(BUCKET) < buckets_us), "day")
    if days.is_empty():
        return kept
    for grain in rollup.grains:
        drop(cursor, rollup.table(grain), days, DAY_US)
    within = pl.DataFrame({"offset": range(0, DAY_US, GRAINS[rollup.grains[0]])}, schema={"offset": pl.Int64})
    whole = days.join(within, how="cross").select(pl.col(BUCKET) + pl.col("offset"))
    return pl.concat([kept.filter(pl.col(BUCKET) >= buckets_us), whole])


def _fill(cursor: duckdb.DuckDBPyConnection, rollup: Rollup, touched: pl.DataFrame) -> None:
    """The finest grain is computed anew in whole buckets, a coarser one for the keys that changed in the one below."""
    below, *coarser = rollup.grains
    changes = [_fill_finest(cursor, rollup, stretch) for stretch in _stretches(touched)]
    changed = pl.concat(changes) if changes else touched
    for grain in coarser:
        if changed.is_empty():
            return
        changed = widened(changed, grain)
        buckets = stored(cursor, rollup.table(below), changed, GRAINS[grain])
        replace(cursor, rollup.table(grain), changed, from_buckets(rollup, buckets, grain), GRAINS[grain])
        below = grain


def _fill_finest(cursor: duckdb.DuckDBPyConnection, rollup: Rollup, touched: pl.DataFrame) -> pl.DataFrame:
    """Returns the buckets and keys of which something changed: a replaced attempt may have left those it had before."""
    grain = rollup.grains[0]
    table, width_us = rollup.table(grain), GRAINS[grain]
    filled = from_rows(rollup, source_rows(cursor, rollup.source.rows, touched, width_us))
    different = differing(filled, stored(cursor, table, touched, width_us))
    changed = different.select(BUCKET, *rollup.keys).unique()
    if not changed.is_empty():
        replace(cursor, table, changed, different.filter("is_filled").drop("is_filled"), width_us)
    return changed


def _stretches(touched: pl.DataFrame) -> list[pl.DataFrame]:
    """The buckets in groups that lie far apart, so that one late attempt does not have all since then read."""
    far = pl.col(BUCKET).sort().diff().fill_null(0) > DAY_US
    return touched.sort(BUCKET).with_columns(far.cum_sum().alias("stretch")).partition_by("stretch", include_key=False)
