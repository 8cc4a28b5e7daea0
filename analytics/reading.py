"""Where the read side gets its ledger: the hub hands it over once, pages never open a store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from scalix.errors import StoreError
from scalix.store import sqlfiles
from scalix.store.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import polars as pl

    from scalix.store.control import ControlStore


class Readable(Protocol):
    """What is needed of a ledger to read from it; ``scalix.store.ledger.Ledger`` is one."""

    def read(self, sql: str, parameters: dict[str, object] | None = None, /) -> pl.DataFrame:
        """The answer of one query."""
        ...


class LedgerUnavailableError(StoreError):
    """No ledger has been handed over in this process."""


class _Source:
    ledger: Readable | None = None
    control: ControlStore | None = None
    lag_bytes: Callable[[], int | None] | None = None


def read_from(
    ledger: Readable | None,
    lag_bytes: Callable[[], int | None] | None = None,
    control: ControlStore | None = None,
) -> None:
    """Make these the stores that all reads of this process go to; None takes them away.

    ``lag_bytes`` tells how much of the spool is not in the ledger yet, where that is known.
    """
    _Source.ledger = ledger
    _Source.control = control
    _Source.lag_bytes = lag_bytes


def lag_bytes() -> int | None:
    """Bytes of spool not in the ledger yet; None when nobody measures it."""
    return None if _Source.lag_bytes is None else _Source.lag_bytes()


def ledger_here() -> Readable:
    """The ledger of this process. Raises LedgerUnavailableError when there is none."""
    if _Source.ledger is None:
        raise LedgerUnavailableError("no ledger in this process: start the hub with `scalix up`")
    return _Source.ledger


def spool_here() -> Path:
    """The spool that facts of this process go to. Raises LedgerUnavailableError when there is none."""
    ledger = ledger_here()
    if not isinstance(ledger, Ledger):
        raise LedgerUnavailableError("nothing can be changed here: start the hub with `scalix up`")
    return ledger.folder.spool


def control_here() -> ControlStore:
    """The control store of this process. Raises LedgerUnavailableError when there is none."""
    if _Source.control is None:
        raise LedgerUnavailableError("no control store in this process: start the hub with `scalix up`")
    return _Source.control


def answer(query: str, parameters: Mapping[str, object], ledger: Readable | None = None) -> pl.DataFrame:
    """The answer to the question in ``sql/pages/QUERY.sql``; parameters that it does not name are left out.

    Raises LedgerUnavailableError when there is no ledger, StoreError when the query fails.
    """
    source = ledger or ledger_here()
    sql = sqlfiles.text(f"pages/{query}")
    return source.read(sql, {name: value for name, value in parameters.items() if f"${name}" in sql})
