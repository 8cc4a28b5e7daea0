"""What each object and column of the lake's file means: in DuckDB's own comments, so that every client can show it."""

from __future__ import annotations

import tomllib
from functools import cache
from itertools import takewhile
from typing import TYPE_CHECKING

from scalix.store import sqlfiles

if TYPE_CHECKING:
    import duckdb

_COLUMNS = "SELECT schema_name, table_name, column_name FROM duckdb_columns() WHERE NOT internal"
_VIEWS = "SELECT schema_name, view_name, comment FROM duckdb_views() WHERE NOT internal"
_MACROS = "SELECT DISTINCT function_name, function_type FROM duckdb_functions() WHERE NOT internal"


def add(connection: duckdb.DuckDBPyConnection) -> None:
    """Comment on every view, column and macro. A view that people type says what its namesake behind it says."""
    views = connection.execute(_VIEWS).fetchall()
    said = {name: comment for schema, name, comment in views if schema != "raw" and comment}
    for schema, name, _ in views:
        text = f"What stands behind {name}; it may change." if schema == "raw" else said[name]
        _say(connection, f"VIEW {schema}.{name}", text)
    for schema, table, column in connection.execute(_COLUMNS).fetchall():
        _say(connection, f'COLUMN {schema}.{table}."{column}"', column_comment(table, column))
    for name, kind in connection.execute(_MACROS).fetchall():
        _say(connection, f"MACRO{' TABLE' if kind == 'table_macro' else ''} {name}", _asked_by(name))


def column_comment(table: str, column: str) -> str:
    """What a column means: in this table, else wherever it stands. Raises KeyError for one that nobody described."""
    described = _described()
    return described.get(table, {}).get(column) or described["any"][column]


@cache
def _described() -> dict[str, dict[str, str]]:
    return tomllib.loads((sqlfiles.root() / "columns.toml").read_text(encoding="utf-8"))


def _asked_by(macro: str) -> str:
    """The question that a macro answers: its file's first comment, up to the question mark."""
    folder = next(name for name in ("lake_macros", "macros") if (sqlfiles.root() / name / f"{macro}.sql").exists())
    lines = takewhile(lambda line: line.startswith("-- "), sqlfiles.text(f"{folder}/{macro}").splitlines())
    return " ".join(line.removeprefix("-- ") for line in lines).partition("?")[0] + "?"


def _say(connection: duckdb.DuckDBPyConnection, thing: str, text: str) -> None:
    quoted = text.replace("'", "''")
    connection.execute(f"COMMENT ON {thing} IS '{quoted}'").fetchall()
