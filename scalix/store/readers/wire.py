"""What hub and reader say to each other over two pipes: a question each, then pieces of the answer and how it ended."""

from __future__ import annotations

import struct
from typing import Any, Final, Literal

import msgspec

Form = Literal["arrow", "csv", "jsonl"]
Sort = Literal["refused", "invalid", "large", "memory", "time", "broken"]

PIECE: Final = b"P"
END: Final = b"E"
READY: Final = b"R"
MOST_PIECE: Final = 1 << 20
"""Longest payload of a message in bytes; longer ones are cut by the sender and refused by the receiver."""
HEAD: Final = struct.Struct(">cI")
"""One letter for the kind of a message, then the length of its payload."""


class Limits(msgspec.Struct, frozen=True):
    """What one reader may use. The resources of a process apart, they hold for each question anew."""

    memory_bytes: int = 2**30
    """Address space beyond what an idle reader has; half of it is for DuckDB's own buffers."""
    time_s: float = 30.0
    rows: int = 1_000_000
    bytes: int = 256 * 2**20
    threads: int = 2


class Question(msgspec.Struct, frozen=True):
    """One query. An answer cut at ``rows`` is as asked for; one beyond the reader's own limit is an error."""

    sql: str
    parameters: dict[str, Any] = {}
    form: Form = "arrow"
    rows: int | None = None


class End(msgspec.Struct, frozen=True):
    """How an answer ended. ``sort`` is None when it is whole."""

    rows: int = 0
    sort: Sort | None = None
    message: str = ""
    more: bool = False
    """Whether there were more rows than had been asked for."""
    last: bool = False
    """Whether the reader ends with this answer."""


def message(kind: bytes, payload: bytes = b"") -> bytes:
    """One message as it goes over the pipe."""
    return HEAD.pack(kind, len(payload)) + payload
