"""The read views: one text in ``sql/views``, over the ledger's tables in the hub, over Parquet in the lake.

The views stand in schema ``views`` and read schema ``raw``, which alone differs between the two. In the lake they also
stand in ``main``, under the names that people type.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

from scalix.errors import StoreError
from scalix.store import sqlfiles
from scalix.store.files import open_file

if TYPE_CHECKING:
    from pathlib import Path

VIEWS = (
    "attempts",
    "requests",
    "fallbacks",
    "losses",
    "processes",
    "quarantine",
    "jobs",
    "prices",
    "repricings",
    "adjustments",
    "budget_changes",
    "objective_changes",
    "quality_findings",
    "decisions",
)
"""In the order in which they build on each other."""
SMALL_TABLES = (
    "fallbacks",
    "processes",
    "losses",
    "quarantine",
    "job_runs",
    "prices",
    "repricings",
    "repricings_done",
    "adjustments",
    "budget_changes",
    "objective_changes",
    "quality_findings",
    "decisions",
)
"""Tables that the lake holds as one file each."""
ROLLUPS = tuple(
    f"{rollup}_{grain}" for rollup in ("reliability", "requests", "moves") for grain in ("minute", "hour", "day")
)
"""Rollups that the lake holds too, as one file each; of minutes the latest days."""
LAKE_MACROS = (
    "bin_value",
    "percentile",
    "count_above",
    "chained_attempts",
    "ended_requests",
    "moves",
    "chosen_buckets",
)
"""Macros of the ledger that the lake has as well, in the order in which they build on each other."""


def define_in_ledger(connection: duckdb.DuckDBPyConnection) -> None:
    """Create or replace the views over the ledger's own tables."""
    raw = [sqlfiles.text("ledger/table").replace("{table}", table) for table in ("attempts", *SMALL_TABLES)]
    for statement in (*_schemas(), *raw, *_shared()):
        connection.execute(statement).fetchall()


def write_lake_file(lake: Path, path: Path) -> None:
    """Write the small DuckDB file of views over this lake, with absolute paths, in place of the one at ``path``."""
    temporary = path.with_name(path.name + ".tmp")
    temporary.unlink(missing_ok=True)
    try:
        with open_file(temporary) as connection:
            for statement in _lake_statements(str(lake.resolve())):
                connection.execute(statement).fetchall()
    except duckdb.Error as error:
        raise StoreError(f"the views of {lake} cannot be written: {error}") from error
    temporary.chmod(0o600)
    temporary.replace(path)


def open_lake(path: Path) -> duckdb.DuckDBPyConnection:
    """The lake's views, read-only, for a command that runs while the hub holds the ledger or without one."""
    try:
        return open_file(path, read_only=True)
    except duckdb.Error as error:
        raise StoreError(f"{path} cannot be opened: {error}; start the hub once to write it anew") from error


def _lake_statements(lake: str) -> list[str]:
    quoted = lake.replace("'", "''")
    tables = [sqlfiles.text("lake/table").replace("{table}", table) for table in (*SMALL_TABLES, *ROLLUPS)]
    raw = [text.replace("{lake}", quoted) for text in (sqlfiles.text("lake/attempts"), *tables)]
    public = [sqlfiles.text("lake/public").replace("{view}", view) for view in VIEWS]
    public += [sqlfiles.text("lake/public_rollup").replace("{rollup}", rollup) for rollup in ROLLUPS]
    comments = [text.replace("ON VIEW views.", "ON VIEW main.") for text in _comments()]
    macros = [file.read_text(encoding="utf-8") for file in sorted((sqlfiles.root() / "lake_macros").glob("*.sql"))]
    macros += [sqlfiles.text(f"macros/{macro}") for macro in LAKE_MACROS]
    return [*_schemas(), *raw, *_shared(), *public, *comments, *macros]


def _schemas() -> tuple[str, str]:
    return "CREATE SCHEMA IF NOT EXISTS raw", "CREATE SCHEMA IF NOT EXISTS views"


def _shared() -> list[str]:
    return [sqlfiles.text(f"views/{view}") for view in VIEWS]


def _comments() -> list[str]:
    return [text[text.index("COMMENT ON VIEW") :] for text in _shared()]
