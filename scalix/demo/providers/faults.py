"""What can go wrong with a call on purpose, and how a request asks for it.

A fault is a word with an optional argument after a colon: ``500``, ``429:2`` (Retry-After 2), ``slow:20``.
A request asks with the header ``x-fake-fault`` or by its model, ``fake-midstream``; a control call queues
faults for a provider.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, cast, get_args

import msgspec

from scalix.errors import DemoError

if TYPE_CHECKING:
    from collections.abc import Mapping

HEADER = "x-fake-fault"
CALLER = "x-fake-caller"
"""The header by which a caller marks what belongs to one request of its own; the log keeps it."""
MODEL_PREFIX = "fake-"

FaultKind = Literal[
    "status",  # an error answer with this HTTP status
    "context",  # 400, the prompt is too long
    "policy",  # 400, the content is refused
    "hang",  # takes the request and never answers
    "stall",  # starts the stream and never goes on
    "slow",  # answers, this many times slower
    "reset",  # resets the connection before answering
    "garbage",  # 200 with bytes that are no answer
    "misshapen",  # 200, billed, and with everything but the text; a stream is answered as if nothing were wrong
    "midstream",  # an error event inside the stream
    "cut",  # closes the connection inside the stream
    "none",  # answers, whatever the profile says
]


class Fault(msgspec.Struct, frozen=True):
    """One thing that goes wrong. ``argument`` is seconds of Retry-After, or how many times slower."""

    kind: FaultKind
    status: int = 200
    argument: float | None = None


def parse(text: str) -> Fault:
    """A fault from its written form. Raises DemoError for an unknown word."""
    word, _, argument = text.removeprefix(MODEL_PREFIX).partition(":")
    number = float(argument) if argument else None
    if word.isdigit():
        return Fault("status", int(word), number)
    if word not in get_args(FaultKind):
        raise DemoError(f"unknown fault {text!r}; use an HTTP status or one of {', '.join(get_args(FaultKind))}")
    kind = cast("FaultKind", word)
    return Fault(kind, 400 if kind in ("context", "policy") else 200, number)


def asked_for(headers: Mapping[str, str], model: str) -> Fault | None:
    """The fault this request asks for by header or by model name."""
    if wanted := headers.get(HEADER):
        return parse(wanted)
    return parse(model) if model.startswith(MODEL_PREFIX) else None
