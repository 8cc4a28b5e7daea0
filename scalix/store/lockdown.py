"""The locks that DuckDB itself holds: one folder of files, nothing loaded from outside, settings fixed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

_LOCKS = (
    ("TimeZone", "'UTC'"),
    ("python_enable_replacements", "false"),
    ("allow_persistent_secrets", "false"),
    ("allow_community_extensions", "false"),
    ("autoinstall_known_extensions", "false"),
    ("autoload_known_extensions", "false"),
    ("enable_external_access", "false"),
    ("lock_configuration", "true"),
)


def lock_down(connection: duckdb.DuckDBPyConnection, lake: Path, *, scratch: Path | None, most_scratch: str) -> None:
    """Let this database reach the lake's files alone, and spill to ``scratch``; nothing can be set afterwards."""
    for setting, value in (
        ("temp_directory", quoted(scratch) if scratch else "''"),
        ("max_temp_directory_size", f"'{most_scratch}'"),
        ("allowed_directories", f"[{quoted(lake, '/')}]"),
        *_LOCKS,
    ):
        connection.execute(f"SET GLOBAL {setting} = {value}").fetchall()


def quoted(path: Path, end: str = "") -> str:
    """A path as an SQL string."""
    return "'" + str(path).replace("'", "''") + end + "'"
