"""Where questions are asked: the hub hands its readers over once; pages and the HTTP API put questions to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from scalix.errors import StoreError
from scalix.store.readers.wire import Question

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from scalix.store.readers.pool import Pool

MOST_SHOWN = 10_000
"""Rows that a page holds of an answer."""
MOST_SHOWN_BYTES = 32 * 2**20


class _Desk:
    pool: Pool | None = None
    own_queries: Path | None = None


@dataclass(frozen=True)
class Shown:
    """An answer for a page; ``more`` says that the query has more rows than are here."""

    frame: pl.DataFrame
    more: bool


def ask_through(pool: Pool | None, own_queries: Path | None = None) -> None:
    """Make these the readers of this process, and this the folder of people's own queries; None takes them away."""
    _Desk.pool = pool
    _Desk.own_queries = own_queries


def own_queries() -> Path | None:
    """The folder in which people save queries; None where there is none."""
    return _Desk.own_queries


def readers_here() -> Pool:
    """The readers of this process. Raises StoreError when there are none."""
    if _Desk.pool is None:
        raise StoreError("no readers in this process: start the hub with `scalix up`")
    return _Desk.pool


def frame(sql: str, parameters: Mapping[str, object] | None = None) -> pl.DataFrame:
    """The first rows of an answer alone. Raises AskError."""
    return ask(sql, parameters).frame


def ask(sql: str, parameters: Mapping[str, object] | None = None, *, rows: int = MOST_SHOWN) -> Shown:
    """The first rows of an answer as a frame. Raises AskError with what is wrong with the query."""
    with readers_here().ask(Question(sql, dict(parameters or {}), rows=rows)) as answer:
        held = bytearray()
        for piece in answer:
            held += piece
            if len(held) > MOST_SHOWN_BYTES:
                raise StoreError(
                    f"these rows take more than {MOST_SHOWN_BYTES >> 20} MB; ask for fewer columns or rows"
                )
        return Shown(pl.read_ipc_stream(bytes(held)), more=answer.end is not None and answer.end.more)
