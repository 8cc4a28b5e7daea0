"""Reads the lake as pages read the ledger, so that a question has one text for both."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb

from scalix.errors import StoreError
from scalix.store.lake_file import open_lake
from scalix.store.ledger import frame_of

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl


@dataclass(frozen=True)
class LakeReader:
    """The lake's file of views, opened read-only for each question."""

    path: Path

    def read(self, sql: str, parameters: dict[str, object] | None = None, /) -> pl.DataFrame:
        """The answer of one query. Raises StoreError."""
        with closing(open_lake(self.path)) as connection:
            try:
                return frame_of(connection, sql, parameters)
            except (duckdb.IOException, duckdb.SerializationException) as error:
                raise StoreError(f"{self.path} cannot be read: {error}") from error
            except duckdb.Error as error:
                raise StoreError(str(error)) from error

    def copy(self, sql: str, parameters: dict[str, object], /) -> None:
        """Run a COPY of our own out of the lake, which streams what it writes. Raises StoreError."""
        with closing(open_lake(self.path)) as connection:
            try:
                connection.execute(sql, parameters).fetchall()
            except duckdb.Error as error:
                raise StoreError(f"{self.path} cannot be copied: {error}") from error


def read_lake(path: Path, sql: str, parameters: dict[str, object] | None = None) -> list[dict[str, Any]]:
    """The rows of one query over the lake. Raises StoreError."""
    return LakeReader(path).read(sql, parameters).to_dicts()
