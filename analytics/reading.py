"""Where the read side gets its ledger: the hub hands it over once, pages never open a store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from scalix.errors import StoreError
from scalix.store import sqlfiles

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import polars as pl


class Readable(Protocol):
    """What is needed of a ledger to read from it; ``scalix.store.ledger.Ledger`` is one."""

    def read(self, sql: str, parameters: dict[str, object] | None = None, /) -> pl.DataFrame:
        """The answer of one query."""
        ...


class LedgerUnavailableError(StoreError):
    """No ledger has been handed over in this process."""


class _Source:
    ledger: Readable | None = None
    lag_bytes: Callable[[], int | None] | None = None


def read_from(ledger: Readable | None, lag_bytes: Callable[[], int | None] | None = None) -> None:
    """Make this the ledger that all reads of this process go to; None takes it away.

    ``lag_bytes`` tells how much of the spool is not in the ledger yet, where that is known.
    """
    _Source.ledger = ledger
    _Source.lag_bytes = lag_bytes


def lag_bytes() -> int | None:
    """Bytes of spool not in the ledger yet; None when nobody measures it."""
    return None if _Source.lag_bytes is None else _Source.lag_bytes()


def answer(query: str, parameters: Mapping[str, object], ledger: Readable | None = None) -> pl.DataFrame:
    """The answer to the question in ``sql/queries/QUERY.sql``; parameters that it does not name are left out.

    Raises LedgerUnavailableError when there is no ledger, StoreError when the query fails.
    """
    source = ledger or _Source.ledger
    if source is None:
        raise LedgerUnavailableError("no ledger in this process: start the hub with `scalix up`")
    sql = sqlfiles.text(f"queries/{query}")
    return source.read(sql, {name: value for name, value in parameters.items() if f"${name}" in sql})
