"""The control store: what little changes in place and must not be done twice. SQLite in the folder by default."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import sqlalchemy as sa

from scalix.errors import StoreError
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


class ControlStore:
    """Transactions over the tables of ``scalix.store.tables``. Safe to share between threads."""

    def __init__(self, url: str) -> None:
        """Connect and create what is missing. Raises StoreError when the store cannot be used."""
        self._engine = sa.create_engine(url)
        if self._engine.dialect.name == "sqlite":
            sa.event.listen(self._engine, "connect", _durable)
            sa.event.listen(self._engine, "begin", _begin_for_writing)
        try:
            metadata.create_all(self._engine)
        except sa.exc.SQLAlchemyError as error:
            raise StoreError(f"the control store {url} cannot be used: {error}") from error

    @classmethod
    def in_folder(cls, folder: Folder) -> ControlStore:
        """The SQLite file of this folder, readable by its owner alone."""
        make_private(folder.root)
        folder.control.touch(mode=0o600)
        return cls(f"sqlite:///{folder.control}")

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        """One transaction, committed at the end unless an error leaves the block. Raises StoreError.

        SQLite takes the write lock at its start, so what is read in it stays true until it ends.
        """
        try:
            with self._engine.begin() as connection:
                yield connection
        except sa.exc.SQLAlchemyError as error:
            raise StoreError(f"the control store {self._engine.url!r} failed: {error}") from error

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

    def close(self) -> None:
        """Let go of the store."""
        self._engine.dispose()


def _durable(connection: sqlite3.Connection, _record: object) -> None:
    """Readers never wait for a writer, and what was committed survives a power cut."""
    connection.isolation_level = None
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "busy_timeout = 10000"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_for_writing(connection: sa.Connection) -> None:
    """Taking the lock at once means that two claims queue up; a read that turns into a write would fail."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")
