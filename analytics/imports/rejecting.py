"""What is kept of a foreign record that could not become an event: enough to find it, no prompts, no secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from collector.scrub import clean, without_secrets
from scalix.events import RejectEvent

if TYPE_CHECKING:
    from collections.abc import Mapping

KEPT = 2000
CONTENT = frozenset(
    {
        "messages", "response", "input", "output", "prompt", "completion", "proxy_server_request", "request_body",
        "response_body", "metadata", "body", "raw", "attributes", "events",
    }
)  # fmt: skip
"""Fields that may hold what was said."""
_NAMED = 200


def reject(source: str, position: int, reason: str, fields: Mapping[str, Any] | None, at_us: int) -> RejectEvent:
    """The event that puts a record into quarantine. A record that is no object is kept as its length alone."""
    shown = {name: value for name, value in (fields or {}).items() if name not in CONTENT}
    try:
        record = msgspec.json.encode(shown, enc_hook=str).decode()
    except (msgspec.MsgspecError, ValueError, RecursionError):
        record = "{}"
    return RejectEvent(
        at_us=at_us,
        source=clean(source, _NAMED),
        position=position,
        reason=clean(without_secrets(reason), _NAMED),
        record=clean(without_secrets(record), KEPT),
    )
