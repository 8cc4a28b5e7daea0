"""The control store's file: copied by SQLite's own backup while it is in use, checked, set aside when damaged."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from scalix.errors import StoreError

if TYPE_CHECKING:
    from pathlib import Path

SIDE_FILES = ("", "-wal", "-shm")
"""What SQLite keeps beside the file, by the ending of its name."""
WAIT_S = 10.0


def copy_control(source: Path, target: Path) -> None:
    """One consistent copy of a store that may be in use; it appears whole, and readable by its owner alone.

    Raises StoreError when the store cannot be read.
    """
    temporary = target.with_name(target.name + ".tmp")
    temporary.unlink(missing_ok=True)
    temporary.touch(mode=0o600)
    try:
        with closing(_opened(source)) as live, closing(sqlite3.connect(temporary)) as copy:
            live.backup(copy)
            # A copy is one file: nothing of it may be left in a log beside it.
            copy.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error as error:
        temporary.unlink(missing_ok=True)
        raise StoreError(f"{source} cannot be copied: {error}") from error
    temporary.replace(target)


def damage_of(path: Path) -> str | None:
    """What is wrong with the file, as SQLite tells it; None when it is sound."""
    try:
        with closing(_opened(path)) as connection:
            found = [str(line) for (line,) in connection.execute("PRAGMA integrity_check(3)")]
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        return str(error)
    return None if found == ["ok"] else "; ".join(found)


def row_counts(path: Path) -> dict[str, int]:
    """Rows of each table. Raises StoreError."""
    try:
        with closing(_opened(path)) as connection:
            names = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").fetchall()
            return {name: _count(connection, name) for (name,) in names}
    except sqlite3.Error as error:
        raise StoreError(f"{path} cannot be read: {error}") from error


def set_control_aside(path: Path, ending: str) -> tuple[Path, ...]:
    """Move the file and what belongs to it out of the way, under names with this ending."""
    moved = []
    for side in SIDE_FILES:
        file = path.with_name(path.name + side)
        if file.exists():
            moved.append(file.rename(file.with_name(f"{path.name}.{ending}{side}")))
    return tuple(moved)


def _opened(path: Path) -> sqlite3.Connection:
    """For reading and no creating; SQLite needs to write beside the file to read what its log holds."""
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True, timeout=WAIT_S)
    connection.isolation_level = None
    return connection


def _count(connection: sqlite3.Connection, table: str) -> int:
    quoted = table.replace('"', '""')
    ((rows,),) = connection.execute(f'SELECT count(*) FROM "{quoted}"').fetchall()  # noqa: S608 - its own schema names it
    return int(rows)
