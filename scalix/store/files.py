"""The one place that opens DuckDB files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def open_file(
    path: Path, *, read_only: bool = False, config: Mapping[str, Any] | None = None
) -> duckdb.DuckDBPyConnection:
    """A connection to a DuckDB file; raises duckdb.Error, which callers turn into words."""
    return duckdb.connect(str(path), read_only=read_only, config=dict(config or {}))
