"""Changes text wherever it stands in a DuckDB or Parquet file, and leaves no byte of what it was.

For one purpose: forgetting a person. No other process may have the file open.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import duckdb
import polars as pl

from scalix.errors import StoreError
from scalix.store import sqlfiles
from scalix.store.files import in_memory, open_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Change = Callable[[str], str]
    Work = Callable[[duckdb.DuckDBPyConnection], None]


def change_database(path: Path, text: str, change: Change, before: Work) -> int:
    """Apply ``change`` to every value of every table that mentions ``text``, then write the file anew.

    ``before`` is done first, in the same file. Returns how many different values changed. Raises StoreError.
    """
    with _explained(path), open_file(path) as connection:
        connection.execute("SET TimeZone = 'UTC'").fetchall()
        before(connection)
        places = connection.execute(sqlfiles.text("forgetting/text_columns")).fetchall()
        changed = sum(_change_column(connection, *place, text=text, change=change) for place in places)
        connection.execute("CHECKPOINT").fetchall()
    _write_anew(path)
    return changed


def change_parquet(path: Path, target: Path, text: str, change: Change, cleared: dict[str, str]) -> int:
    """Write ``path`` to ``target`` with ``change`` applied to every value that mentions ``text``.

    ``cleared`` gives an SQL expression for columns that become something else altogether; in it ``$text`` is the text.
    Returns how many different values changed; with none, nothing is written. Raises StoreError.
    """
    with _explained(path), in_memory() as connection:
        connection.execute("SET TimeZone = 'UTC'").fetchall()
        place, file = "read_parquet($file)", {"file": str(path)}
        columns = connection.execute(sqlfiles.text("forgetting/file_columns"), file).fetchall()
        expressions, changed = {name: cleared[name] for name, _ in columns if name in cleared}, 0
        for number, (column, is_list) in enumerate(columns):
            pairs = _pairs(_values(connection, place, column, text, file), change, is_list=is_list)
            if pairs is None:
                continue
            changed += pairs.height
            connection.register(f"changed_{number}", pairs)
            new = sqlfiles.text("forgetting/changed").replace("{changed}", f"changed_{number}")
            expressions.setdefault(column, new.replace("{column}", _quoted(column)))
        if changed:
            written = ", ".join(f"{expression} AS {_quoted(column)}" for column, expression in expressions.items())
            sql = sqlfiles.text("forgetting/rewrite_file").replace("{columns}", written)
            bound = {**file, "path": str(target), **({"text": text} if "$text" in sql else {})}
            connection.execute(sql, bound).fetchall()
    return changed


def mentions_in_database(path: Path, text: str) -> list[str]:
    """The different values of all tables that mention this text, lists as text. Raises StoreError."""
    with _explained(path), open_file(path, read_only=True) as connection:
        places = connection.execute(sqlfiles.text("forgetting/text_columns")).fetchall()
        return [str(one) for place, column, _ in places for one in _values(connection, place, column, text)["value"]]


def mentions_in_parquet(path: Path, text: str) -> list[str]:
    """The different values of a Parquet file that mention this text, lists as text. Raises StoreError."""
    with _explained(path), in_memory() as connection:
        file = {"file": str(path)}
        columns = connection.execute(sqlfiles.text("forgetting/file_columns"), file).fetchall()
        found = (_values(connection, "read_parquet($file)", column, text, file)["value"] for column, _ in columns)
        return [str(one) for values in found for one in values]


def _change_column(
    connection: duckdb.DuckDBPyConnection, place: str, column: str, is_list: bool, *, text: str, change: Change
) -> int:
    pairs = _pairs(_values(connection, place, column, text), change, is_list=is_list)
    if pairs is None:
        return 0
    connection.register("changed", pairs)
    sql = sqlfiles.text("forgetting/replace").replace("{place}", place).replace("{column}", _quoted(column))
    connection.execute(sql).fetchall()
    return pairs.height


def _pairs(found: pl.DataFrame, change: Change, *, is_list: bool) -> pl.DataFrame | None:
    """Values that change, with what becomes of them; None when there are none."""
    values = found["value"].to_list()
    after = [[change(item) for item in value] if is_list else change(value) for value in values]
    kind = pl.List(pl.String) if is_list else pl.String
    frame = pl.DataFrame({"before": values, "after": after}, schema={"before": kind, "after": kind})
    frame = frame.filter(pl.col("before") != pl.col("after"))
    return None if frame.is_empty() else frame


def _values(
    connection: duckdb.DuckDBPyConnection, place: str, column: str, text: str, bound: dict[str, str] | None = None
) -> pl.DataFrame:
    sql = sqlfiles.text("forgetting/values").replace("{place}", place).replace("{column}", _quoted(column))
    found: pl.DataFrame = connection.sql(sql, params={"text": text, **(bound or {})}).pl()
    return found


def _write_anew(path: Path) -> None:
    """DuckDB leaves what was replaced in free blocks of its file; a copy has none."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    with _explained(path), in_memory() as connection:
        for file, name in ((path, "old"), (fresh, "fresh")):
            connection.execute(f"ATTACH '{str(file).replace(chr(39), chr(39) * 2)}' AS {name}").fetchall()
        connection.execute("COPY FROM DATABASE old TO fresh").fetchall()
    fresh.chmod(0o600)
    fresh.replace(path)
    path.with_name(path.name + ".wal").unlink(missing_ok=True)


def _quoted(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except duckdb.Error as error:
        raise StoreError(f"{path} cannot be rewritten: {error}; is the hub still running?") from error
