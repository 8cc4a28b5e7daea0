"""Langfuse's observations, as its API, its page and its blob storage export them; only generations are calls.

Its usage types are disjoint by convention, since it prices each of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analytics.imports.others import record_failure, record_first_token, said_cost, trace_of, whole_attempt
from analytics.imports.tokens import Counts, record_counts
from analytics.imports.values import BadRecordError, first, moment_us, nested, start_us, whole
from collector.fields import bare_model
from collector.values import mapping, text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scalix.events import AttemptEvent

CALLS = frozenset({"GENERATION", "EMBEDDING"})
_READ = ("cache_read_input_tokens", "input_cached_tokens", "input_cache_read", "cache_read_tokens", "cached_tokens")
_WRITE = ("cache_creation_input_tokens", "input_cache_creation", "input_cache_write", "cache_write_tokens")
_PROVIDERS = {"claude": "anthropic", "gpt-": "openai", "o1": "openai", "o3": "openai", "o4": "openai"}
"""By how a model's name begins: Langfuse does not keep who served it, so such a call has a flag."""


def of_observation(row: Mapping[str, Any], *, latest_us: int) -> AttemptEvent | None:
    """One observation; None for one that is no call to a model. Raises BadRecordError."""
    if str(first(row, "type") or "GENERATION").upper() not in CALLS:
        return None
    call_id = text(row.get("id"))
    if call_id is None:
        raise BadRecordError("id is missing")
    name = "startTime" if "startTime" in row else "start_time"
    failed = str(row.get("level") or "").upper() == "ERROR"
    event = whole_attempt(
        call_id,
        start_us(row, name, latest_us=latest_us),
        moment_us(first(row, "endTime", "end_time")),
        failed=failed,
    )
    event.trace_id = trace_of(first(row, "traceId", "trace_id"))
    event.session_id = text(first(row, "sessionId", "session_id"))
    event.user_id = text(first(row, "userId", "user_id"))
    event.call_type = "embedding" if str(row.get("type")).upper() == "EMBEDDING" else None
    _model(event, row)
    _tags(event, row)
    record_counts(event, _counts(row), inclusive=False)
    record_first_token(event, moment_us(first(row, "completionStartTime", "completion_start_time")))
    if failed:
        record_failure(event, None, first(row, "statusMessage", "status_message"))
    _said(event, row)
    return event


def _model(event: AttemptEvent, row: Mapping[str, Any]) -> None:
    model = text(first(row, "model", "providedModelName", "provided_model_name"))
    provider, slash, _ = (model or "").partition("/")
    if slash:
        event.provider = provider
    else:
        event.provider = next((name for start, name in _PROVIDERS.items() if (model or "").startswith(start)), None)
        event.flags = [*(event.flags or ()), *(["provider_guessed"] if event.provider else [])]
    event.model = bare_model(model, event.provider)


def _tags(event: AttemptEvent, row: Mapping[str, Any]) -> None:
    tags = nested(row.get("tags"))
    event.tags = [one for tag in tags[:64] if (one := text(tag, 128))] or None if isinstance(tags, list) else None


def _counts(row: Mapping[str, Any]) -> Counts:
    details = mapping(nested(first(row, "usageDetails", "usage_details")))
    if not details:
        usage = mapping(nested(row.get("usage")))
        return Counts(
            given=whole(first(row, "promptTokens", "inputTokens", "input_tokens") or usage.get("input")),
            produced=whole(first(row, "completionTokens", "outputTokens", "output_tokens") or usage.get("output")),
            total=whole(first(row, "totalTokens", "total_tokens") or usage.get("total")),
        )
    return Counts(
        given=whole(first(details, "input", "prompt_tokens", "input_tokens")),
        produced=whole(first(details, "output", "completion_tokens", "output_tokens")),
        cache_read=_sum(details, _READ),
        cache_write=_sum(details, _WRITE),
        audio_in=_sum(details, ("input_audio_tokens", "input_audio")),
        reasoning=_sum(details, ("output_reasoning_tokens", "output_reasoning", "reasoning_tokens")),
        audio_out=_sum(details, ("output_audio_tokens", "output_audio")),
        total=whole(first(details, "total", "total_tokens")),
    )


def _sum(details: Mapping[str, Any], names: tuple[str, ...]) -> int:
    """One of several spellings; several of them say the same thing."""
    return max((whole(details.get(name)) or 0 for name in names), default=0)


def _said(event: AttemptEvent, row: Mapping[str, Any]) -> None:
    costs = mapping(nested(first(row, "costDetails", "cost_details")))
    amount = first(row, "calculatedTotalCost", "totalCost", "total_cost") or costs.get("total")
    kept = {"environment": text(row.get("environment"), 128), "name": text(row.get("name"), 128)}
    said_cost(event, "langfuse", amount, {name: value for name, value in kept.items() if value})
