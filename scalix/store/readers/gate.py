"""Which statements a reader runs: one query, told by DuckDB's own parse tree and not by how it is spelled.

DuckDB says SELECT of statements that change data inside a CTE (2.0) and of pragmas (1.5), so its word for the kind of a
statement is not enough: every node of the tree has to be one that only reads.
"""

from __future__ import annotations

import json
import re
from contextlib import closing
from typing import TYPE_CHECKING, Any

import duckdb

from scalix.errors import StoreError
from scalix.store.files import in_memory

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST_SQL = 100_000
_READING_NODES = frozenset({"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"})
_TABLE_FUNCTIONS = frozenset(
    {
        "duckdb_columns",
        "duckdb_functions",
        "duckdb_schemas",
        "duckdb_tables",
        "duckdb_types",
        "duckdb_views",
        "generate_series",
        "glob",
        "histogram",
        "histogram_values",
        "json_each",
        "json_tree",
        "parquet_metadata",
        "parquet_schema",
        "pragma_table_info",
        "query_table",
        "range",
        "read_parquet",
        "repeat",
        "repeat_row",
        "summary",
        "unnest",
    }
)
"""Functions that may stand for a table; others reach for files, settings or the log. Files are the lake's alone."""
_EXPLAIN = re.compile(r"(?:\s|--[^\n]*(?:\n|$)|/\*.*?\*/)*EXPLAIN\b\s*(?:ANALYZE\b)?", re.IGNORECASE | re.DOTALL)
_TREE = "SELECT json_serialize_sql(CAST(? AS VARCHAR), skip_null := true, skip_empty := true)"
_MACROS = "SELECT function_name FROM duckdb_functions() WHERE NOT internal AND function_type = 'table_macro'"


class RefusedError(StoreError):
    """The statement is not one query that only reads."""


def table_macros(connection: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """The lake's macros that stand for a table, which a query may use. Finding them takes as long as a small query."""
    return frozenset(name for (name,) in connection.execute(_MACROS).fetchall())


def permitted(connection: duckdb.DuckDBPyConnection, sql: str, macros: frozenset[str]) -> duckdb.Statement:
    """The one statement in this text. Raises RefusedError unless it only reads, duckdb.Error when it is no SQL."""
    statement = _parsed(connection, sql)
    query = sql
    if statement.type == duckdb.StatementType.EXPLAIN:
        head = _EXPLAIN.match(query)
        query = query[head.end() :] if head else query
    _refuse_all_but_reading(connection, query, _TABLE_FUNCTIONS | macros)
    return statement


def refuse_unparsable(sql: str) -> None:
    """Raise RefusedError for what is not one statement of SQL. Whether what it names exists, only running it tells."""
    with closing(in_memory()) as connection:
        try:
            _parsed(connection, sql)
        except duckdb.Error as error:
            raise RefusedError(str(error).partition("\n")[0]) from error


def _parsed(connection: duckdb.DuckDBPyConnection, sql: str) -> duckdb.Statement:
    if len(sql) > LONGEST_SQL:
        raise RefusedError(f"a query has at most {LONGEST_SQL:,} characters")
    statements = connection.extract_statements(sql)
    if len(statements) != 1:
        raise RefusedError(
            f"give one query; these are {len(statements)} statements (a PIVOT without IN counts as several)"
        )
    statement: duckdb.Statement = statements[0]
    return statement


def _refuse_all_but_reading(connection: duckdb.DuckDBPyConnection, query: str, allowed: frozenset[str]) -> None:
    [(text,)] = connection.execute(_TREE, [query]).fetchall()
    try:
        tree = json.loads(text)
    except RecursionError:
        raise RefusedError("the query is nested too deeply") from None
    if tree.get("error"):
        raise RefusedError("only a query may be asked: SELECT, EXPLAIN, DESCRIBE or SUMMARIZE")
    for node in _nodes(tree["statements"]):
        kind = str(node.get("type", ""))
        if kind.endswith("_NODE") and kind not in _READING_NODES:
            raise RefusedError("only a query may be asked; this one would change data")
        if kind == "TABLE_FUNCTION" and (name := str(node["function"]["function_name"]).lower()) not in allowed:
            raise RefusedError(f"the table function {name} may not be used here; the views hold all there is to ask")


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """Every object of a JSON tree, without recursion."""
    waiting = [tree]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            yield one
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)
