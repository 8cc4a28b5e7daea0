"""The file ``lake/scalix.duckdb``: views, macros and comments over the lake's Parquet, for every DuckDB client."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

from scalix.errors import StoreError
from scalix.store import comments, sqlfiles
from scalix.store.files import new_file, open_file
from scalix.store.macros import MACROS
from scalix.store.views import ROLLUPS, SMALL_TABLES, STATE_TABLES, VIEWS, schemas, shared_views

if TYPE_CHECKING:
    from pathlib import Path


def write_lake_file(lake: Path, path: Path) -> None:
    """Write the small DuckDB file of views over this lake, with absolute paths, in place of the one at ``path``."""
    temporary = path.with_name(path.name + ".tmp")
    temporary.unlink(missing_ok=True)
    try:
        with new_file(temporary, path.stem) as connection:
            # In one transaction, since each of its own would wait for the disk.
            connection.execute("BEGIN").fetchall()
            for statement in _statements(str(lake.resolve())):
                connection.execute(statement).fetchall()
            comments.add(connection)
            connection.execute("COMMIT").fetchall()
    except duckdb.Error as error:
        raise StoreError(f"the views of {lake} cannot be written: {error}") from error
    temporary.chmod(0o600)
    temporary.replace(path)


def open_lake(path: Path) -> duckdb.DuckDBPyConnection:
    """The lake's views, read-only, for a command that runs while the hub holds the ledger or without one."""
    try:
        connection = open_file(path, read_only=True)
        connection.execute("SET TimeZone = 'UTC'").fetchall()
    except duckdb.Error as error:
        raise StoreError(f"{path} cannot be opened: {error}; start the hub once to write it anew") from error
    return connection


def _statements(lake: str) -> list[str]:
    quoted = lake.replace("'", "''")
    tables = [
        sqlfiles.text("lake/table").replace("{table}", table) for table in (*SMALL_TABLES, *ROLLUPS, *STATE_TABLES)
    ]
    raw = [text.replace("{lake}", quoted) for text in (sqlfiles.text("lake/attempts"), *tables)]
    states = [sqlfiles.text(f"lake_views/{table}") for table in STATE_TABLES]
    public_attempts, *public = (
        sqlfiles.text("lake/public").replace("{view}", view) for view in (*VIEWS, *STATE_TABLES)
    )
    rollups = [sqlfiles.text("lake/public_rollup").replace("{rollup}", rollup) for rollup in ROLLUPS]
    files = sorted((sqlfiles.root() / "lake_macros").glob("*.sql"))
    own = {file.stem: file.read_text(encoding="utf-8") for file in files}
    # Macros read attempts and rollups, other views use macros, and the macros of the lake alone read any view. The lake
    # has the ledger's macros as well, some written in another way, so that what stands beneath a chart runs there too.
    macros = [own.pop(macro) if macro in own else sqlfiles.text(f"macros/{macro}") for macro in MACROS]
    attempts, *views = shared_views()
    return [*schemas(), *raw, attempts, public_attempts, *rollups, *macros, *views, *states, *public, *own.values()]
