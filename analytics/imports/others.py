"""What the records of all foreign recorders have in common as events."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import msgspec

from collector.failures import BY_STATUS
from collector.scrub import scrubbed
from collector.values import text
from scalix.events import IMPORTED, AttemptEvent

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from scalix.events import ErrorKind

SERVER_STATUS = 500
OTEL_PROVIDERS: Mapping[str, str] = {
    "aws.bedrock": "bedrock",
    "azure.ai.openai": "azure",
    "azure.ai.inference": "azure_ai",
    "gcp.gemini": "gemini",
    "gcp.gen_ai": "gemini",
    "gcp.vertex_ai": "vertex_ai",
    "ibm.watsonx.ai": "watsonx",
    "mistral_ai": "mistral",
    "moonshot_ai": "moonshot",
    "x_ai": "xai",
}
"""OpenTelemetry's names of providers where LiteLLM, whose names the ledger has, uses others."""


def whole_attempt(call_id: str, started_us: int, ended_us: int | None, *, failed: bool) -> AttemptEvent:
    """An event that tells all there is of an attempt which somebody else recorded."""
    return AttemptEvent(
        kind="failure" if failed else "success",
        call_id=call_id,
        started_us=started_us,
        at_us=ended_us or started_us,
        ended_us=ended_us,
        upstream=True,
        flags=[IMPORTED],
    )


def record_failure(event: AttemptEvent, status: int | None, message: object, kind: ErrorKind | None = None) -> None:
    """Why it failed, by HTTP status where there is one."""
    event.error_code = None if status is None else str(status)
    by_status = BY_STATUS.get(status or 0) or ("server" if (status or 0) >= SERVER_STATUS else None)
    event.error_kind = kind or by_status or "unknown"
    event.error_message = scrubbed(message) if isinstance(message, str) and message else None


def record_first_token(event: AttemptEvent, first_token_us: int | None) -> None:
    """A first token before the end means that the answer was streamed."""
    if first_token_us is not None and event.started_us <= first_token_us < (event.ended_us or 0):
        event.streaming, event.first_token_us = True, first_token_us


def trace_of(value: object) -> str | None:
    """A trace's id; one of 32 hexadecimal digits in the usual writing of a UUID."""
    found = text(value)
    if found is None:
        return None
    try:
        return str(UUID(found))
    except ValueError:
        return found


def said_cost(event: AttemptEvent, by: str, amount: Decimal | float | str | None, kept: dict[str, str]) -> None:
    """What another recorder reckons a call cost is kept beside the caller's metadata, and never booked."""
    if amount is not None and amount != "":
        kept = {**kept, f"{by}_cost_usd": str(amount)[:40]}
    event.metadata = msgspec.json.encode(kept).decode() if kept else None
