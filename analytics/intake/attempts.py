"""Takes events in: folds them with what is kept of their attempts, writes rows, and keeps what may still change.

Everything here runs inside the transaction of its caller.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import polars as pl

from analytics.intake.booking import booked
from analytics.intake.fold import FOLDED_SCHEMA, KEY, PRECEDENCE, fold
from analytics.intake.late import merge_late
from analytics.pricing import shelf
from scalix.store import sqlfiles
from scalix.store.ledger import frame_of
from scalix.times import MICROSECONDS

if TYPE_CHECKING:
    import duckdb

_GAP_US = 3600 * MICROSECONDS
_SEEN_THROUGH = pl.col("row_final").fill_null(value=False) & ~pl.col("written")
"""A final row without kept events."""


@dataclass(frozen=True)
class Taken:
    """What became of events."""

    written: int = 0
    """Rows of attempts, new or replaced."""
    repeated: int = 0
    """Events that told what was known already."""


def take_in(cursor: duckdb.DuckDBPyConnection, events: pl.DataFrame, *, now_us: int) -> Taken:
    """Fold new events (``FOLDED_SCHEMA``) into ``attempts``. An attempt gets its row with LiteLLM's last event."""
    if events.is_empty():
        return Taken()
    touched = events.select(KEY).unique()
    pending = _pending(cursor, touched)
    before = pending.select(*KEY, "kind").n_unique() if pending.height else 0
    taken = _settle(cursor, touched, pl.concat([pending, events]), now_us, closing=False)
    return replace(taken, repeated=taken.repeated - (pending.height - before))


def close(cursor: duckdb.DuckDBPyConnection, due: pl.DataFrame, *, now_us: int) -> int:
    """Write the rows of these unfinished attempts (``call_id``, ``started_us``) as they stand; returns how many."""
    return _settle(cursor, due, _pending(cursor, due), now_us, closing=True).written


def _settle(
    cursor: duckdb.DuckDBPyConnection, touched: pl.DataFrame, known: pl.DataFrame, now_us: int, *, closing: bool
) -> Taken:
    folded = fold(known).join(_existing(cursor, touched), on=KEY, how="left", maintain_order="left")
    fresh = folded.filter(pl.col("row_seq").is_null() & (pl.col("final") | pl.lit(closing)))
    late = folded.filter(pl.col("row_seq").is_not_null())
    written = _insert(cursor, fresh, now_us) + merge_late(cursor, late, now_us=now_us)
    _keep(cursor, known, folded, closing=closing)
    return Taken(written, _repeated(known, folded))


def _repeated(known: pl.DataFrame, folded: pl.DataFrame) -> int:
    """Events beyond the first of their kind, and all those of attempts that had been seen through."""
    kinds = pl.sum_horizontal(pl.col(PRECEDENCE).cast(pl.Int64))
    first, old = folded.select(kinds.sum().alias("first"), kinds.filter(_SEEN_THROUGH).sum().alias("old")).row(0)
    return known.height - int(first) + int(old)


def next_seq(cursor: duckdb.DuckDBPyConnection) -> int:
    """The sequence number after the last one given out."""
    ((last,),) = cursor.execute("SELECT coalesce(max(seq), 0) FROM attempts").fetchall()
    return int(last) + 1


def _pending(cursor: duckdb.DuckDBPyConnection, touched: pl.DataFrame) -> pl.DataFrame:
    ((nothing_kept,),) = cursor.execute(sqlfiles.text("ingest/nothing_kept")).fetchall()
    if nothing_kept:
        return pl.DataFrame(schema=FOLDED_SCHEMA)
    cursor.register("touched", touched)
    pending = frame_of(cursor, sqlfiles.text("ingest/pending_events"))
    if pending.height:
        cursor.execute(sqlfiles.text("ingest/drop_events")).fetchall()
    return pending.select(FOLDED_SCHEMA.names()).cast(FOLDED_SCHEMA)


def _existing(cursor: duckdb.DuckDBPyConnection, touched: pl.DataFrame) -> pl.DataFrame:
    """Sequence and finality of the rows that these attempts have; one look per stretch of time without a gap."""
    moments = touched.sort("started_us")
    stretches = moments.with_columns(
        ((pl.col("started_us").diff() > _GAP_US).fill_null(value=False).cum_sum()).alias("stretch")
    )
    found = [
        _existing_within(cursor, part.drop("stretch"))
        for part in stretches.partition_by("stretch", maintain_order=True)
    ]
    return pl.concat(found)


def _existing_within(cursor: duckdb.DuckDBPyConnection, touched: pl.DataFrame) -> pl.DataFrame:
    cursor.register("touched", touched)
    bounds = {"first_us": touched["started_us"][0], "last_us": touched["started_us"][-1]}
    return frame_of(cursor, sqlfiles.text("ingest/existing_rows"), bounds)


def _insert(cursor: duckdb.DuckDBPyConnection, rows: pl.DataFrame, now_us: int) -> int:
    if rows.height:
        with_status = rows.with_columns(pl.coalesce("status", "silent_status").alias("status"))
        with_costs = booked(with_status, shelf.current(cursor), now_us=now_us)
        cursor.register("folded", with_costs.with_row_index("seq", next_seq(cursor)))
        insert = "INSERT INTO attempts BY NAME " + sqlfiles.text("ingest/typed_attempts")
        cursor.execute(insert).fetchall()
    return rows.height


def _keep(cursor: duckdb.DuckDBPyConnection, known: pl.DataFrame, folded: pl.DataFrame, *, closing: bool) -> None:
    """Keep the events of attempts that a later event may still change.

    A final row without kept events has been seen through; whatever repeats its events tells nothing new.
    """
    has_row = pl.col("row_seq").is_not_null() | pl.col("final") | pl.lit(closing)
    unsettled = folded.filter(~pl.col("settled") & ~_SEEN_THROUGH).select(*KEY, has_row.alias("written"))
    kept = known.drop("written").join(unsettled, on=KEY)
    if kept.height:
        cursor.register(
            "kept",
            kept.unique(
                subset=[name for name in kept.columns if name not in {"process_id", "read_us", "tags", "flags"}],
                keep="first",
                maintain_order=True,
            ),
        )
        cursor.execute(sqlfiles.text("ingest/keep_events")).fetchall()
