"""A damaged ledger is set aside and rebuilt from the lake and the segments, by itself."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
from typing_extensions import override

from analytics.intake import archive
from analytics.intake.attempts import next_seq
from analytics.intake.ingest import read_offsets
from analytics.integrity.ledger import read_all
from analytics.lake import files as lake_files
from analytics.salvage import salvage_lake
from scalix.errors import StoreError
from scalix.store import sqlfiles
from scalix.store.ledger import (
    Ledger,
    LedgerDamagedError,
    LedgerOptions,
    damage_found,
    forget_damage,
    make_private,
)
from scalix.store.views import SMALL_TABLES
from scalix.times import from_us

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    from scalix.folder import Folder

READ_WHOLE_BYTES = 256 * 2**20
"""Ledgers up to this size are read in full at every start."""
KEPT_IN_LAKE = tuple(table for table in SMALL_TABLES if table not in {"quarantine", "decisions"})
"""Small tables that the lake holds whole."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class RebuildReport:
    """What was set aside, and what the new ledger was filled from."""

    reason: str
    set_aside: tuple[Path, ...]
    rows_from_lake: int
    segments_restored: int

    @override
    def __str__(self) -> str:
        names = ", ".join(path.name for path in self.set_aside)
        taken = (
            f"attempts from the lake: {self.rows_from_lake:,}, segments from the archive: {self.segments_restored:,}"
        )
        return f"{self.reason}; {taken}{f'; set aside: {names}' if names else ''}"


def open_or_rebuild(
    folder: Folder, options: LedgerOptions | None = None, *, now_us: int
) -> tuple[Ledger, RebuildReport | None]:
    """Open the ledger; what it cannot read or has lost is rebuilt, with a report of what was done.

    A file that cannot be read is set aside for a new one. DuckDB may also open a file without its write-ahead log, and
    say nothing: so what lake and archive hold beyond the ledger is taken over in any case. Ingest then reads restored
    segments again, which changes nothing that is there already. Raises LedgerLockedError, or StoreError for a file
    newer than this version.
    """
    reason = "the ledger had lost its last transactions" if folder.ledger.exists() else "there was no ledger"
    set_aside: tuple[Path, ...] = ()
    try:
        ledger = _opened_and_read(folder, options)
    except LedgerDamagedError as error:
        reason, set_aside = str(error), _set_aside(folder, now_us)
        ledger = Ledger.open(folder, options)
    try:
        rows = fill_from_lake(ledger)
    except (StoreError, pa.ArrowException, OSError) as error:
        rows, damaged = salvage_lake(ledger, KEPT_IN_LAKE)
        names = ", ".join(str(path.relative_to(folder.root.resolve())) for path in damaged)
        _log.warning("the lake is damaged (%s), it is made anew: %s", names or "all of it", error)
        # The sequences of a rebuilt ledger would contradict the files of a lake that it could not read.
        set_aside = (*set_aside, _set_lake_aside(folder, now_us))
    report = RebuildReport(reason, set_aside, rows, _restore_segments(ledger))
    if report == RebuildReport(reason, (), 0, 0):
        return ledger, None
    _log.warning("%s", report)
    return ledger, report


def fill_from_lake(ledger: Ledger) -> int:
    """Take over the attempts that the lake holds beyond the ledger's last; returns how many.

    Raises StoreError or an error of pyarrow when the lake cannot be read.
    """
    lake = ledger.folder.lake.resolve()
    lake_files.refuse_folders(lake)
    with ledger.transaction() as cursor:
        last = next_seq(cursor) - 1
        if lake_files.published_to(lake) <= last:
            return 0
        for level in reversed(lake_files.LEVELS):
            if not any((lake / level).glob("*.parquet")):
                continue
            found = {"files": f"{lake}/{level}/*.parquet"}
            cursor.execute(sqlfiles.text("rebuild/attempts_of_level"), found).fetchall()
        _fill_small_tables(cursor, lake)
        replaced = {"files": f"{lake}/{lake_files.REPLACED}/*.parquet"}
        cursor.execute(sqlfiles.text("rebuild/drop_replaced"), replaced).fetchall()
        ((rows,),) = cursor.execute("SELECT count(*) FROM attempts WHERE seq > ?", [last]).fetchall()
    return int(rows)


def _fill_small_tables(cursor: duckdb.DuckDBPyConnection, lake: Path) -> None:
    """Prices first of all: rows that are read from segments again are booked by them."""
    for table in KEPT_IN_LAKE:
        file = lake / lake_files.TABLES / f"{table}.parquet"
        if file.exists():
            sql = sqlfiles.text("rebuild/small_table").replace("{table}", table)
            cursor.execute(sql, {"file": str(file)}).fetchall()


def _opened_and_read(folder: Folder, options: LedgerOptions | None) -> Ledger:
    """DuckDB opens a file with broken blocks and notices when it meets them, so the tables are read once.

    All of a small one; of a large one, which would take long, what ingest needs. The rest is met by a daily check,
    and what is found while the hub runs is noted for the next start.
    """
    found = damage_found(folder)
    if found is not None:
        raise LedgerDamagedError(found)
    small = folder.ledger.exists() and folder.ledger.stat().st_size <= READ_WHOLE_BYTES
    ledger = Ledger.open(folder, options)
    try:
        read_all(ledger) if small else _read_narrowly(ledger)
        read_offsets(ledger)
    except StoreError:
        ledger.close()
        raise
    return ledger


def _read_narrowly(ledger: Ledger) -> None:
    with ledger.cursor() as cursor:
        for statement in (
            "SELECT max(seq), max(started_at) FROM attempts",
            "SELECT count(kind) FROM attempt_events",
        ):
            cursor.execute(f"CREATE OR REPLACE TEMP TABLE seen AS {statement}").fetchall()


def _stamp(now_us: int) -> str:
    return from_us(now_us).strftime("%Y%m%dT%H%M%S.%fZ")


def _set_lake_aside(folder: Folder, now_us: int) -> Path:
    moved = folder.lake.rename(folder.lake.with_name(f"{folder.lake.name}.damaged-{_stamp(now_us)}"))
    make_private(folder.lake)
    return moved


def _set_aside(folder: Folder, now_us: int) -> tuple[Path, ...]:
    moved = []
    forget_damage(folder)
    for suffix in ("", ".wal"):
        path = folder.ledger.with_name(folder.ledger.name + suffix)
        if path.exists():
            moved.append(path.rename(folder.ledger.with_name(f"{folder.ledger.name}.damaged-{_stamp(now_us)}{suffix}")))
    return tuple(moved)


def _restore_segments(ledger: Ledger) -> int:
    """Unpack into the spool what the archive holds and this ledger has not read to its end."""
    folder = ledger.folder
    offsets = read_offsets(ledger)
    restored = 0
    for archived in sorted(folder.archive.glob(f"*.seg.*{archive.SUFFIX}")):
        name, size = archive.origin(archived)
        if offsets.get(name, 0) >= size:
            continue
        make_private(folder.spool)
        try:
            archive.restore(archived, folder.spool)
        except OSError as error:
            _log.warning("%s cannot be unpacked: %s", archived, error)
            continue
        restored += 1
    return restored
