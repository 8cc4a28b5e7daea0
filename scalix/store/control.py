"""The control store: what little changes in place and must not be done twice. SQLite in the folder, Postgres by URL."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import sqlalchemy as sa

from scalix.errors import StoreError
from scalix.settings import load
from scalix.store.ledger import make_private
from scalix.store.tables import metadata
from scalix.store.tables.slots import slots
from scalix.times import MICROSECONDS

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from scalix.folder import Folder

LEASE_S = 3600
"""A claim older than this belongs to a hub that never finished; another may take it over."""
_KEPT_S = 7 * 86400
_READING = "scalix_reading"
_CREATING, _WRITING = 8510, 8511
"""Advisory locks of Postgres. Two that create the same table at once would both fail."""


class ControlStore:
    """Transactions over the tables of ``scalix.store.tables``. Safe to share between threads."""

    def __init__(self, url: str) -> None:
        """Connect and create what is missing. Raises StoreError when the store cannot be used."""
        try:
            self._engine = sa.create_engine(url, pool_size=8, max_overflow=32)
            if self._engine.dialect.name == "sqlite":
                sa.event.listen(self._engine, "connect", _durable)
                sa.event.listen(self._engine, "begin", _begin)
            self._create()
        except (sa.exc.SQLAlchemyError, ImportError) as error:
            raise StoreError(f"the control store {_shown(url)} cannot be used: {error}") from error

    @classmethod
    def in_folder(cls, folder: Folder) -> ControlStore:
        """The store of this folder: the one that ``control_url`` names, or a SQLite file that its owner alone reads."""
        make_private(folder.root)
        url = load(folder).control_url
        if url is not None:
            return cls(url.get_secret_value())
        folder.control.touch(mode=0o600)
        return cls(f"sqlite:///{folder.control}")

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        """One transaction, committed at the end unless an error leaves the block. Raises StoreError.

        It takes the one lock for writing at its start, so what is read in it stays true until it ends, and two that
        touch the same rows in another order do not wait for each other.
        """
        try:
            with self._engine.begin() as connection:
                self._lock(connection, _WRITING)
                yield connection
        except sa.exc.SQLAlchemyError as error:
            raise StoreError(f"the control store {self._engine.url!r} failed: {error}") from error

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A connection to read with, which waits for no writer. Raises StoreError."""
        try:
            with self._engine.connect() as connection:
                yield connection.execution_options(**{_READING: True})
        except sa.exc.SQLAlchemyError as error:
            raise StoreError(f"the control store {self._engine.url!r} failed: {error}") from error

    def _create(self) -> None:
        with self._engine.connect() as connection:
            reading = connection.execution_options(**{_READING: True})
            if metadata.tables.keys() <= set(sa.inspect(reading).get_table_names()):
                return  # nothing to create, so no need to wait for those who write
        with self._engine.begin() as connection:
            self._lock(connection, _CREATING)
            metadata.create_all(connection)

    @staticmethod
    def _lock(connection: sa.Connection, what: int) -> None:
        """Wait for a lock that is held to the end of the transaction. SQLite has it with the transaction itself."""
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(what)))

    def claim(self, job: str, slot_us: int, *, owner: str, now_us: int) -> bool:
        """Take this slot of a job. False when another owner holds it."""
        mine = {"claimed_by": owner, "claimed_us": now_us}
        slot = sa.and_(slots.c.job == job, slots.c.slot_us == slot_us)
        expired = slots.c.claimed_us < now_us - LEASE_S * MICROSECONDS
        free = sa.and_(slot, sa.or_(slots.c.claimed_by == owner, expired))
        try:
            with self._engine.begin() as connection:
                old = sa.and_(slots.c.job == job, slots.c.slot_us < now_us - _KEPT_S * MICROSECONDS)
                connection.execute(slots.delete().where(old))
                if connection.execute(slots.update().where(free).values(mine)).rowcount:
                    return True
                if connection.execute(sa.select(slots.c.job).where(slot)).first():
                    return False
                connection.execute(slots.insert().values(job=job, slot_us=slot_us, **mine))
        except sa.exc.IntegrityError:
            return False
        except sa.exc.SQLAlchemyError as error:
            raise StoreError(f"slot {slot_us} of {job} cannot be claimed: {error}") from error
        return True

    def compact(self) -> None:
        """Leave no byte of deleted rows in a SQLite file or its log. Raises StoreError."""
        if self._engine.dialect.name != "sqlite":
            return
        try:
            with self._engine.connect() as connection:
                driver = connection.connection.driver_connection
                for statement in ("VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
                    driver.execute(statement).fetchall()  # type: ignore[union-attr]  # SQLite's own connection
        except sa.exc.SQLAlchemyError as error:
            raise StoreError(f"the control store {self._engine.url!r} cannot be compacted: {error}") from error

    def close(self) -> None:
        """Let go of the store."""
        self._engine.dispose()


def _durable(connection: sqlite3.Connection, _record: object) -> None:
    """Readers never wait for a writer, and what was committed survives a power cut."""
    connection.isolation_level = None
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "busy_timeout = 60000"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: sa.Connection) -> None:
    """Taking the lock at once means that two writers queue up; a read that turns into a write would fail."""
    connection.exec_driver_sql("BEGIN" if connection.get_execution_options().get(_READING) else "BEGIN IMMEDIATE")


def _shown(url: str) -> str:
    """The address without its password."""
    try:
        return repr(sa.make_url(url))
    except sa.exc.ArgumentError:
        return "of that URL"
