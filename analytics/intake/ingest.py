"""Ingest: from the spool into the ledger, exactly once.

What a step reads and how far it read are committed in one transaction. Offsets are always taken from the ledger,
never remembered, so an error at commit, whatever became of the transaction, is answered by simply reading on.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

import polars as pl

from analytics.intake import archive, segments
from analytics.intake.attempts import take_in
from analytics.intake.closing import close_silent
from analytics.intake.decode import Decoded, decode
from analytics.intake.fold import FOLDED_SCHEMA
from analytics.intake.lines import split
from analytics.intake.options import IngestOptions
from analytics.intake.rare import take_in_rare
from scalix.store import sqlfiles
from scalix.times import MICROSECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb

    from analytics.intake.segments import Chunk, Segment
    from scalix.folder import Folder
    from scalix.store.ledger import Ledger

Batch: TypeAlias = "list[tuple[Chunk, Decoded]]"
"""What one transaction takes in."""
_QUARANTINED_BYTES = 64 * 1024


@dataclass(frozen=True)
class IngestReport:
    """What one call did; ``lag_bytes`` is what the spool holds beyond what has been read."""

    segments: int = 0
    lines: int = 0
    events: int = 0
    attempts_written: int = 0
    attempts_closed: int = 0
    quarantined: int = 0
    archived: int = 0
    lag_bytes: int = 0


def ingest_once(ledger: Ledger, folder: Folder, *, now_us: int, options: IngestOptions | None = None) -> IngestReport:
    """Take in what the spool holds and the ledger does not. Raises StoreError; calling again is always right."""
    options = options or IngestOptions()
    found = segments.discover(folder.spool)
    offsets = read_offsets(ledger)
    segments.make_durable([one for one in found if one.held and one.size > offsets.get(one.name, 0)])
    report = IngestReport(segments=len(found))
    for batch in _batches(found, offsets, options):
        report = _step(ledger, batch, now_us, report)
        offsets.update((chunk.segment.name, chunk.end) for chunk, _ in batch)
    lag = {one.name: max(one.size - offsets.get(one.name, 0), 0) for one in found}
    alive = {
        process_of(one)
        for one in found
        if one.held or lag[one.name] or one.modified_us > now_us - options.dead_after_s * MICROSECONDS
    }
    closed = close_silent(ledger, alive=alive, now_us=now_us, options=options)
    finished = [one for one in found if not lag[one.name] and process_of(one) not in alive and not one.held]
    moved = archive.put_away(finished, folder.archive, options.archive_bytes)
    return replace(report, attempts_closed=closed, archived=moved, lag_bytes=sum(lag.values()))


def read_offsets(ledger: Ledger) -> dict[str, int]:
    """How far each segment has been read, in bytes."""
    with ledger.cursor() as cursor:
        return dict(cursor.execute(sqlfiles.text("ingest/segment_offsets")).fetchall())


def process_of(segment: Segment) -> str:
    """The process that writes a segment; an unreadable header leaves it on its own."""
    return segment.process_id or segment.name


def _batches(found: list[Segment], offsets: dict[str, int], options: IngestOptions) -> Iterator[Batch]:
    """Batches in the order of the spool. While one is written, the next is read and decoded."""
    reached = dict(offsets)
    with ThreadPoolExecutor(1, "scalix-decode") as ahead:
        upcoming = ahead.submit(_next_batch, found, reached, options.batch_bytes)
        for remaining in reversed(range(options.batches)):
            batch = upcoming.result()
            if not batch:
                return
            reached.update((chunk.segment.name, chunk.end) for chunk, _ in batch)
            if remaining:
                upcoming = ahead.submit(_next_batch, found, dict(reached), options.batch_bytes)
            yield batch


def _next_batch(found: list[Segment], offsets: dict[str, int], budget: int) -> Batch:
    chunks = _next_chunks(found, offsets, budget)
    return [(chunk, decode(split(chunk), chunk.segment.name)) for chunk in chunks]


def _next_chunks(found: list[Segment], offsets: dict[str, int], budget: int) -> list[Chunk]:
    chunks: list[Chunk] = []
    for segment in found:
        if budget <= 0:
            break
        chunk = segments.read(segment, offsets.get(segment.name, 0), budget, in_pieces=not chunks)
        if chunk:
            chunks.append(chunk)
            budget -= len(chunk.data)
    return chunks


def _step(ledger: Ledger, decoded: Batch, now_us: int, report: IngestReport) -> IngestReport:
    """One batch, one transaction."""
    events = _with_meta(decoded, now_us)
    rare = [event for _, part in decoded for event in part.rare]
    with ledger.transaction() as cursor:
        take_in_rare(cursor, rare)
        taken = take_in(cursor, events, now_us=now_us)
        _quarantine(cursor, decoded, now_us)
        _note_offsets(cursor, decoded, taken.repeated, now_us)
    rejected = sum(len(part.rejected) for _, part in decoded)
    good = events.height + len(rare)
    return replace(
        report,
        lines=report.lines + good + rejected,
        events=report.events + good,
        attempts_written=report.attempts_written + taken.written,
        quarantined=report.quarantined + rejected,
    )


def _with_meta(decoded: Batch, now_us: int) -> pl.DataFrame:
    return pl.concat(
        part.attempts.with_columns(
            pl.lit(process_of(chunk.segment)).alias("process_id"),
            pl.lit(now_us, pl.Int64).alias("read_us"),
            pl.lit(value=False).alias("written"),
        ).select(FOLDED_SCHEMA.names())
        for chunk, part in decoded
    )


def _quarantine(cursor: duckdb.DuckDBPyConnection, decoded: Batch, now_us: int) -> None:
    rejected = [one for _, part in decoded for one in part.rejected]
    if rejected:
        frame = pl.DataFrame(
            {
                "segment": [one.segment for one in rejected],
                "byte_offset": [one.byte_offset for one in rejected],
                "reason": [one.reason for one in rejected],
                "line": [one.line[:_QUARANTINED_BYTES] for one in rejected],
            }
        )
        cursor.register("rejected", frame)
        cursor.execute(sqlfiles.text("ingest/insert_quarantine"), {"now_us": now_us}).fetchall()


def _note_offsets(cursor: duckdb.DuckDBPyConnection, decoded: Batch, repeated: int, now_us: int) -> None:
    """Repeated events are counted for a batch as a whole, so with its first segment."""
    steps = pl.DataFrame(
        {
            "segment": [chunk.segment.name for chunk, _ in decoded],
            "byte_offset": [chunk.end for chunk, _ in decoded],
            "lines": [part.attempts.height + len(part.rare) for _, part in decoded],
            "rejected": [len(part.rejected) for _, part in decoded],
            "repeated": [repeated if place == 0 else 0 for place in range(len(decoded))],
        }
    )
    cursor.register("steps", steps)
    cursor.execute(sqlfiles.text("ingest/insert_offsets"), {"now_us": now_us}).fetchall()
