"""The one place that opens DuckDB files."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import duckdb

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


CLIENTS_SINCE = "v1.0.0"
"""The oldest DuckDB that reads what `new_file` writes: tools bring along versions of their own."""


@contextmanager
def new_file(path: Path, name: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that writes a new database, to be called ``name``, in a format that older clients read."""
    quoted = str(path).replace("'", "''")
    with in_memory() as connection:
        connection.execute(f"ATTACH '{quoted}' AS {name} (STORAGE_VERSION '{CLIENTS_SINCE}')").fetchall()
        connection.execute(f"USE {name}").fetchall()
        yield connection
        connection.execute("USE memory").fetchall()
        connection.execute(f"DETACH {name}").fetchall()


def in_memory() -> duckdb.DuckDBPyConnection:
    """A connection without a file of its own, for reading Parquet and for copying between files."""
    return duckdb.connect()


def open_file(
    path: Path, *, read_only: bool = False, config: Mapping[str, Any] | None = None
) -> duckdb.DuckDBPyConnection:
    """A connection to a DuckDB file; raises duckdb.Error, which callers turn into words."""
    return duckdb.connect(str(path), read_only=read_only, config=dict(config or {}))
