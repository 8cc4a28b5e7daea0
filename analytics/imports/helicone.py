"""Helicone's requests, as its export tool, its API and its page export them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analytics.imports.others import record_failure, record_first_token, said_cost, whole_attempt
from analytics.imports.tokens import Counts, record_counts
from analytics.imports.values import BadRecordError, boolean, first, nested, start_us, whole
from collector.fields import bare_model
from collector.values import mapping, text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scalix.events import AttemptEvent, ErrorKind

_PROVIDERS = {
    "AWS": "bedrock",
    "AWSBEDROCK": "bedrock",
    "AZURE": "azure",
    "GOOGLE": "gemini",
    "GOOGLEAPI": "gemini",
    "GOOGLEVERTEXAI": "vertex_ai",
    "TOGETHER": "together_ai",
    "TOGETHERAI": "together_ai",
    "FIREWORKS": "fireworks_ai",
    "MISTRALAI": "mistral",
    "X": "xai",
}
"""Where LiteLLM, whose names the ledger has, calls a provider otherwise."""
_CANCELLED, _TIMEOUT, _NOTHING = -3, -2, -1
_OWN: dict[int, ErrorKind] = {_CANCELLED: "cancelled", _TIMEOUT: "timeout", _NOTHING: "unknown"}
"""Helicone's own statuses below those of HTTP."""
_OK = range(200, 300)
_NO_CACHE = {None, "", "00000000-0000-0000-0000-000000000000"}


def of_request(row: Mapping[str, Any], *, latest_us: int) -> AttemptEvent:
    """One request. Raises BadRecordError."""
    call_id = text(row.get("request_id"))
    if call_id is None:
        raise BadRecordError("request_id is missing")
    started_us = start_us(row, "request_created_at", latest_us=latest_us)
    delay_ms = whole(first(row, "delay_ms", "latency"))
    status = _status(row)
    ended_us = None if delay_ms is None else started_us + delay_ms * 1000
    event = whole_attempt(call_id, started_us, ended_us, failed=status not in _OK)
    event.provider = _provider(row.get("provider"))
    event.model = bare_model(first(row, "request_model", "model", "model_override"), event.provider)
    event.served_model = bare_model(row.get("response_model"), event.provider)
    event.user_id = text(first(row, "request_user_id", "user_id", "helicone_user"))
    event.api_base = None
    record_counts(event, _counts(row), inclusive=False)
    token_ms = whole(row.get("time_to_first_token"))
    record_first_token(event, started_us + token_ms * 1000 if token_ms else None)
    if event.kind == "failure":
        record_failure(event, status, None, _OWN.get(status))
    _cache(event, row)
    _properties(event, row)
    return event


def _status(row: Mapping[str, Any]) -> int:
    value = first(row, "response_status", "status")
    try:
        return int(str(value))
    except ValueError:
        raise BadRecordError(f"response_status {str(value)[:40]!r} is no status") from None


def _provider(value: object) -> str | None:
    name = text(value)
    return _PROVIDERS.get(name.upper().replace("_", ""), name.lower()) if name else None


def _counts(row: Mapping[str, Any]) -> Counts:
    return Counts(
        given=whole(row.get("prompt_tokens")),
        cache_read=whole(row.get("prompt_cache_read_tokens")) or 0,
        cache_write=whole(row.get("prompt_cache_write_tokens")) or 0,
        audio_in=whole(row.get("prompt_audio_tokens")) or 0,
        produced=whole(row.get("completion_tokens")),
        reasoning=whole(row.get("reasoning_tokens")) or 0,
        audio_out=whole(row.get("completion_audio_tokens")) or 0,
        total=whole(row.get("total_tokens")),
    )


def _cache(event: AttemptEvent, row: Mapping[str, Any]) -> None:
    """An answer out of Helicone's cache reached no provider."""
    if row.get("cache_reference_id") not in _NO_CACHE and boolean(row.get("cache_enabled")) is not False:
        event.cache_hit, event.upstream, event.litellm_cost_pusd = True, False, 0


def _properties(event: AttemptEvent, row: Mapping[str, Any]) -> None:
    properties = mapping(nested(first(row, "request_properties", "properties")))
    event.session_id = text(properties.get("Helicone-Session-Id"))
    own = {
        name: kept
        for name, value in list(properties.items())[:32]
        if not name.startswith("Helicone-") and (kept := text(value, 128))
    }
    said_cost(event, "helicone", first(row, "costUSD", "cost", "cost_usd"), own)
