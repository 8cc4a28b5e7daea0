"""Defines the SQL macros that queries share. They belong to this version of Scalix, not to the ledger's history."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scalix.store import sqlfiles

if TYPE_CHECKING:
    import duckdb


def define(connection: duckdb.DuckDBPyConnection) -> None:
    """Create or replace every macro of ``sql/macros`` in the connection's database."""
    for file in sorted((sqlfiles.root() / "macros").glob("*.sql")):
        connection.execute(file.read_text(encoding="utf-8")).fetchall()
