"""The ledger: the one DuckDB file of facts, and the only module that opens it.

DuckDB lets one process hold the file, so everything inside that process reads through cursors of one connection.
Before any caller gets one, the connection is locked down: SQL can reach no file but the lake's.
"""

from __future__ import annotations

import os
import re
import threading
import warnings
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb
import polars as pl

from scalix.errors import StoreError
from scalix.store import macros, migrations
from scalix.store.files import open_file
from scalix.store.lockdown import lock_down

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from scalix.folder import Folder

# DuckDB 2 says this of every answer that `Ledger.read` copies; what comes of it there is worth the copy.
warnings.filterwarnings("ignore", message="Arrow output on a DB-API result", category=UserWarning)


class LedgerLockedError(StoreError):
    """Another process holds the ledger; its pid is in the message where the system tells."""


class LedgerDamagedError(StoreError):
    """The ledger or its write-ahead log cannot be read; `analytics.rebuild` sets it aside and rebuilds it."""


@dataclass(frozen=True)
class LedgerOptions:
    """How much of the machine DuckDB may use. Sizes as DuckDB spells them, such as ``2GB``."""

    memory_limit: str = "2GB"
    threads: int = 2
    temp_limit: str = "8GB"
    checkpoint_at: str = "64MB"
    """Write-ahead log size that starts a checkpoint."""


class Ledger:
    """An open ledger. Safe to share between threads: each use takes a cursor of its own. Never use it across a fork."""

    def __init__(self, folder: Folder, options: LedgerOptions) -> None:
        """Use `open`."""
        self.folder = folder
        self._options = options
        self._pid = os.getpid()
        self._guard = threading.Lock()
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._invalid = False

    @classmethod
    def open(cls, folder: Folder, options: LedgerOptions | None = None) -> Ledger:
        """Open or create the ledger of this folder, migrate it and lock it down.

        Raises LedgerLockedError, LedgerDamagedError, or StoreError for a file newer than this version.
        """
        make_private(folder.root)
        make_private(folder.lake)
        ledger = cls(folder, options or LedgerOptions())
        ledger._connection = _connect(folder, ledger._options)
        return ledger

    @contextmanager
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor for one query. Errors of DuckDB arrive as StoreError."""
        cursor = self._new_cursor()
        try:
            yield cursor
        except duckdb.Error as error:
            raise self._explained(error) from error
        finally:
            cursor.close()

    @contextmanager
    def transaction(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor inside BEGIN and COMMIT; any exception rolls back.

        A StoreError at COMMIT does not say whether the transaction is in: read what it should have written.
        """
        with self.cursor() as cursor:
            cursor.execute("BEGIN").fetchall()
            try:
                yield cursor
                cursor.execute("COMMIT").fetchall()
            except BaseException:
                with suppress(duckdb.Error):
                    cursor.execute("ROLLBACK").fetchall()
                raise

    def read(self, sql: str, parameters: Sequence[object] | dict[str, object] | None = None) -> pl.DataFrame:
        """The answer of one query as a Polars frame.

        A relation would be planned twice by DuckDB 2, which costs most questions of a page more than their rows do.
        """
        with self.cursor() as cursor:
            cursor.execute(sql, parameters)
            if cursor.description is None:
                raise _asks_nothing(sql)
            return pl.DataFrame(cursor.to_arrow_table())

    def close(self) -> None:
        """Checkpoint and let go of the file; a second call does nothing."""
        self._refuse_after_fork()
        with self._guard:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _new_cursor(self) -> duckdb.DuckDBPyConnection:
        self._refuse_after_fork()
        with self._guard:
            if self._connection is None:
                raise StoreError("the ledger is closed; open it again with Ledger.open")
            if self._invalid:
                self._reopen()
            return self._connection.cursor()

    def _reopen(self) -> None:
        """DuckDB refuses all work after a fatal error until its last connection is closed."""
        if self._connection is not None:
            with suppress(duckdb.Error):
                self._connection.close()
        self._connection = _connect(self.folder, self._options)
        self._invalid = False

    def _refuse_after_fork(self) -> None:
        if os.getpid() != self._pid:
            raise StoreError(
                f"the ledger was opened by process {self._pid} and used in its fork {os.getpid()}, "
                "which would lose data: open the ledger after forking"
            )

    def _explained(self, error: duckdb.Error) -> StoreError:
        if isinstance(error, duckdb.FatalException):
            self._invalid = True
            return StoreError(f"DuckDB gave up on the ledger, it is reopened at the next use: {error}")
        if _is_damage(str(error)):
            _note_damage(self.folder, str(error))
            return LedgerDamagedError(f"{self.folder.ledger} is damaged: {error}")
        return StoreError(str(error))


def frame_of(
    cursor: duckdb.DuckDBPyConnection,
    sql: str,
    parameters: Sequence[object] | dict[str, object] | None = None,
) -> pl.DataFrame:
    """The answer of one query as a Polars frame, in a way that all supported versions of DuckDB have.

    Raises StoreError for a text that asks nothing, such as comments alone.
    """
    relation = cursor.sql(sql, params=parameters)
    if relation is None:
        raise _asks_nothing(sql)
    frame: pl.DataFrame = relation.pl()
    return frame


def _asks_nothing(sql: str) -> StoreError:
    return StoreError(f"{sql.strip()[:40]!r} asks nothing: give a query, such as FROM attempts LIMIT 10")


def damage_found(folder: Folder) -> str | None:
    """What an earlier query met in this ledger that could not be read; `analytics.rebuild` goes by it."""
    try:
        return _damage_note(folder).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None


def forget_damage(folder: Folder) -> None:
    """The damaged ledger has been set aside."""
    _damage_note(folder).unlink(missing_ok=True)


def _damage_note(folder: Folder) -> Path:
    return folder.ledger.with_name(folder.ledger.name + ".damage-found")


def _note_damage(folder: Folder, message: str) -> None:
    with suppress(OSError):
        _damage_note(folder).write_text(message, encoding="utf-8")


def make_private(path: Path) -> None:
    """Create a folder that only its owner may enter."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)


def _connect(folder: Folder, options: LedgerOptions) -> duckdb.DuckDBPyConnection:
    path = folder.ledger.resolve()
    try:
        connection = open_file(path, config=_config(options))
    except duckdb.Error as error:
        raise _refusal(path, str(error)) from error
    try:
        migrations.migrate(connection)
        macros.define(connection)
        _lock_down(connection, folder, options)
    except duckdb.Error as error:
        connection.close()
        raise _refusal(path, str(error)) from error
    except BaseException:
        connection.close()
        raise
    path.chmod(0o600)
    return connection


def _config(options: LedgerOptions) -> dict[str, Any]:
    return {
        "memory_limit": options.memory_limit,
        "threads": options.threads,
        "checkpoint_threshold": options.checkpoint_at,
    }


def _lock_down(connection: duckdb.DuckDBPyConnection, folder: Folder, options: LedgerOptions) -> None:
    """What needs the file system is set first, since nothing can be changed afterwards."""
    scratch = folder.root.resolve() / "tmp"
    make_private(scratch)
    lock_down(connection, folder.lake.resolve(), scratch=scratch, most_scratch=options.temp_limit)


def _refusal(path: Path, message: str) -> StoreError:
    if "Could not set lock" in message or "onflicting lock" in message:
        holder = re.search(r"PID (\d+)", message)
        who = f"process {holder[1]}" if holder else "another process"
        return LedgerLockedError(
            f"{path} is held by {who}: stop it, or read the lake instead (duckdb -readonly lake/scalix.duckdb)"
        )
    if "newer" in message and "version" in message:
        return StoreError(f"{path} was written by a newer DuckDB: install that version of duckdb. ({message})")
    if "Permission denied" in message:
        return StoreError(f"{path} may not be read or written by this user: {message}")
    return LedgerDamagedError(f"{path} cannot be opened: {message}")


def _is_damage(message: str) -> bool:
    return any(sign in message for sign in ("Corrupt", "checksum", "Could not read enough bytes"))
