"""Brings a ledger's tables to this version: numbered files, each applied once, in one transaction with its record."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from scalix.errors import StoreError
from scalix.store import sqlfiles

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb


@dataclass(frozen=True)
class Migration:
    """One file ``NNNN_name.sql``."""

    number: int
    name: str
    sql: str


def known(folder: Path | None = None) -> list[Migration]:
    """All migrations of this version in order. Raises StoreError when two share a number."""
    files = sorted((folder or sqlfiles.root() / "schema").glob("[0-9][0-9][0-9][0-9]_*.sql"))
    found = [Migration(int(file.stem[:4]), file.stem[5:], file.read_text(encoding="utf-8")) for file in files]
    for first, second in pairwise(found):
        if first.number == second.number:
            raise StoreError(f"migrations {first.name} and {second.name} share the number {first.number:04d}")
    return found


def applied(connection: duckdb.DuckDBPyConnection) -> set[int]:
    """The numbers of the migrations this ledger has had."""
    connection.execute(sqlfiles.text("ingest/schema_migrations")).fetchall()
    return {number for (number,) in connection.execute("SELECT number FROM schema_migrations").fetchall()}


def migrate(connection: duckdb.DuckDBPyConnection, folder: Path | None = None) -> list[Migration]:
    """Apply what is missing and return it. Raises StoreError for a ledger newer than this version."""
    migrations = known(folder)
    done = applied(connection)
    newest = max((migration.number for migration in migrations), default=0)
    if done and max(done) > newest:
        raise StoreError(
            f"the ledger has schema {max(done):04d}, this version of Scalix knows up to {newest:04d}: "
            "upgrade scalix, or start it with another SCALIX_HOME"
        )
    pending = [migration for migration in migrations if migration.number not in done]
    for migration in pending:
        _apply(connection, migration)
    return pending


def _apply(connection: duckdb.DuckDBPyConnection, migration: Migration) -> None:
    connection.execute("BEGIN").fetchall()
    try:
        connection.execute(migration.sql).fetchall()
        connection.execute(
            "INSERT INTO schema_migrations VALUES (?, ?, now())", [migration.number, migration.name]
        ).fetchall()
        connection.execute("COMMIT").fetchall()
    except BaseException:
        connection.execute("ROLLBACK").fetchall()
        raise
