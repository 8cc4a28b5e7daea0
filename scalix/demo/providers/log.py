"""The provider's own log: one JSON line for each request it saw, written and read here and nowhere else."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from scalix.demo.providers.tokens import Tokens

if TYPE_CHECKING:
    from pathlib import Path

SUFFIX = ".requests.jsonl"

Outcome = Literal[
    "answered",  # everything was sent
    "error",  # an error answer was sent
    "midstream",  # an error event ended the stream
    "cut",  # the stream ended without its end
    "reset",
    "garbage",
    "misshapen",  # an answer without its text was sent, and billed
    "disconnected",  # the client went first
]


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One request as the provider saw it. Costs are picodollars; None is a model that nobody bills."""

    request_id: str
    """The id of the answer, where the format has one, and of the ``x-request-id`` header always."""
    arrived_us: int
    ended_us: int
    caller: str | None = None
    """What the caller marked the request with."""
    provider: str
    endpoint: str
    model: str
    streaming: bool
    outcome: Outcome
    status: int | None
    """The HTTP status sent; None when no byte of an answer was."""
    has_id: bool
    """Whether the answer's body names ``request_id``."""
    usage_sent: bool
    """Whether the client was told the token counts."""
    tokens: Tokens
    cost_pusd: int | None
    user: str | None = None
    """Whom the call is for, as its body says."""
    scalix_options: dict[str, Any] | None = None


class RequestLog:
    """Appends to the file of one provider; each line is in the kernel when ``append`` returns."""

    def __init__(self, folder: Path, provider: str) -> None:
        self._file = os.open(
            folder / f"{provider}{SUFFIX}", os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644
        )

    def append(self, request: Request) -> None:
        os.write(self._file, msgspec.json.encode(request) + b"\n")


def read_requests(folder: Path, provider: str = "*") -> list[Request]:
    """All requests in the logs of a folder, in order of arrival; of one provider when it is named."""
    decode = msgspec.json.Decoder(Request).decode
    files = sorted(folder.glob(f"{provider}{SUFFIX}"))
    requests = [decode(line) for file in files for line in file.read_bytes().splitlines()]
    return sorted(requests, key=lambda request: request.arrived_us)
