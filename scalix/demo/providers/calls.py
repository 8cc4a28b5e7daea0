"""A call and its answer, whatever the wire format."""

from __future__ import annotations

from math import ceil
from typing import Any, Literal

import msgspec

from scalix.demo.providers.tokens import Tokens

MOST_PIECES = 16
WORD = "word "

Endpoint = Literal["chat", "responses", "embeddings", "images", "transcription", "speech"]


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """What a request asks for."""

    endpoint: Endpoint
    path: str
    model: str
    body: dict[str, Any]
    streaming: bool = False
    limit: int | None = None
    """The most output tokens the request allows."""
    wants_usage: bool = True
    """Whether the caller asked to be told the token counts."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What the provider answers."""

    id: str
    model: str
    created: int
    tokens: Tokens
    cost_usd: float | None = None
    """The cost inside the usage object, for providers that report one."""

    @property
    def text(self) -> str:
        return WORD * self.tokens.output

    @property
    def pieces(self) -> list[str]:
        """The text as a stream delivers it."""
        size = max(1, ceil(self.tokens.output / MOST_PIECES))
        full, rest = divmod(self.tokens.output, size)
        return [WORD * size] * full + [WORD * rest] * bool(rest)


class Stream(msgspec.Struct, frozen=True, kw_only=True):
    """Server-sent events of an answer: what comes before the text, the text, and what ends it."""

    head: list[bytes]
    pieces: list[bytes]
    tail: list[bytes]


def event(payload: dict[str, Any], name: str | None = None) -> bytes:
    """One server-sent event."""
    data = b"data: " + msgspec.json.encode(payload) + b"\n\n"
    return data if name is None else b"event: " + name.encode() + b"\n" + data
