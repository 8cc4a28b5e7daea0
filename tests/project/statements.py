"""Which statements DuckDB has run in this process: connections that note what they were given."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import duckdb
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

_PLACEHOLDER = re.compile(r"\\\{[a-z_]+\\\}")


@dataclass
class Statements:
    """What has been run so far."""

    texts: set[str] = field(default_factory=set)

    def hold(self, file: str) -> bool:
        """Whether a statement held the text of this SQL file, whatever stood in its ``{placeholders}``."""
        pattern = re.compile(_PLACEHOLDER.sub(r"[^\\n]*?", re.escape(file.strip().rstrip(";"))))
        return any(pattern.search(text) for text in self.texts)


class _Noting:
    """A connection or cursor as it is; statements that DuckDB did not refuse are noted."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, noted: Statements) -> None:
        self._connection = connection
        self._noted = noted

    def execute(self, sql: str, *rest: Any) -> Any:
        done = self._connection.execute(sql, *rest)
        self._noted.texts.add(sql)
        return done

    def sql(self, sql: str, **rest: Any) -> Any:
        asked = self._connection.sql(sql, **rest)
        self._noted.texts.add(sql)
        return asked

    def cursor(self) -> _Noting:
        return _Noting(self._connection.cursor(), self._noted)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


@contextmanager
def noted_statements() -> Iterator[Statements]:
    """Note what is run on connections opened from here on."""
    noted, connect = Statements(), duckdb.connect
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(duckdb, "connect", lambda *args, **rest: _Noting(connect(*args, **rest), noted))
        yield noted
