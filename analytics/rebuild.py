"""A damaged ledger is set aside and rebuilt from the lake and the segments, by itself."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from analytics import archive, lake_files
from analytics.ingest import read_offsets
from scalix.errors import StoreError
from scalix.store import sqlfiles
from scalix.store.ledger import Ledger, LedgerDamagedError, LedgerOptions, make_private
from scalix.times import from_us

if TYPE_CHECKING:
    from pathlib import Path

    from scalix.folder import Folder

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class RebuildReport:
    """What was set aside, and what the new ledger was filled from."""

    reason: str
    set_aside: tuple[Path, ...]
    rows_from_lake: int
    segments_restored: int


def open_or_rebuild(
    folder: Folder, options: LedgerOptions | None = None, *, now_us: int
) -> tuple[Ledger, RebuildReport | None]:
    """Open the ledger; one that cannot be read is replaced by a new one, with a report of what was done.

    The new ledger serves what the lake held at once; ingest then reads the segments again, which changes nothing that
    is there already. Raises LedgerLockedError, or StoreError for a file newer than this version.
    """
    try:
        return _opened_and_read(folder, options), None
    except LedgerDamagedError as error:
        set_aside = _set_aside(folder, now_us)
        ledger = Ledger.open(folder, options)
        rows = fill_from_lake(ledger)
        restored = _restore_segments(folder)
        report = RebuildReport(str(error), set_aside, rows, restored)
        _log.warning(
            "%s; set aside as %s, %d rows taken from the lake", error, ", ".join(path.name for path in set_aside), rows
        )
        return ledger, report


def fill_from_lake(ledger: Ledger) -> int:
    """Take over what the lake holds and return the number of attempts. A lake that cannot be read gives nothing."""
    lake = ledger.folder.lake.resolve()
    try:
        if lake_files.published_to(lake) < 0:
            return 0
        with ledger.transaction() as cursor:
            for level in reversed(lake_files.LEVELS):
                found = {"files": f"{lake}/{level}/*.parquet"}
                cursor.execute(sqlfiles.text("rebuild/attempts_of_level"), found).fetchall()
            cursor.execute(
                sqlfiles.text("rebuild/drop_replaced"), {"files": f"{lake}/{lake_files.REPLACED}/*.parquet"}
            ).fetchall()
            ((rows,),) = cursor.execute("SELECT count(*) FROM attempts").fetchall()
    except (StoreError, pa.ArrowException, OSError) as error:
        _log.warning("the lake cannot be taken over, the segments are read instead: %s", error)
        return 0
    return int(rows)


def _opened_and_read(folder: Folder, options: LedgerOptions | None) -> Ledger:
    """DuckDB opens a file with broken pages and notices when it meets them, so the tables are read once, narrowly."""
    ledger = Ledger.open(folder, options)
    try:
        with ledger.cursor() as cursor:
            for statement in (
                "SELECT max(seq), max(started_at) FROM attempts",
                "SELECT count(kind) FROM attempt_events",
            ):
                cursor.execute(f"CREATE OR REPLACE TEMP TABLE seen AS {statement}").fetchall()
        read_offsets(ledger)
    except StoreError:
        ledger.close()
        raise
    return ledger


def _set_aside(folder: Folder, now_us: int) -> tuple[Path, ...]:
    stamp = from_us(now_us).strftime("%Y%m%dT%H%M%S.%fZ")
    moved = []
    for suffix in ("", ".wal"):
        path = folder.ledger.with_name(folder.ledger.name + suffix)
        if path.exists():
            moved.append(path.rename(folder.ledger.with_name(f"{folder.ledger.name}.damaged-{stamp}{suffix}")))
    return tuple(moved)


def _restore_segments(folder: Folder) -> int:
    """Unpack the archive into the spool: a new ledger has read none of it."""
    make_private(folder.spool)
    restored = 0
    for archived in sorted(folder.archive.glob(f"*{archive.SUFFIX}")):
        try:
            archive.restore(archived, folder.spool)
        except OSError as error:
            _log.warning("%s cannot be unpacked: %s", archived, error)
            continue
        restored += 1
    return restored
