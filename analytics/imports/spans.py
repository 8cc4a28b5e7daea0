"""OpenTelemetry's GenAI spans as events of attempts, by the current attribute names and those before them.

The usage attributes of the conventions count cached tokens within the input, and reasoning within the output.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from analytics.imports.others import OTEL_PROVIDERS, record_failure, said_cost, trace_of, whole_attempt
from analytics.imports.tokens import Counts, record_counts
from analytics.imports.values import EARLIEST_US, BadRecordError, first, whole
from collector.fields import bare_model
from collector.values import text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scalix.events import AttemptEvent, ErrorKind

CALLS = frozenset({"chat", "generate_content", "text_completion", "completion", "embeddings", "responses"})
ERROR_STATUS = 2
_MODEL = ("gen_ai.request.model", "llm.model_name", "gen_ai.response.model")
_GIVEN = ("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens", "llm.token_count.prompt")
_PRODUCED = ("gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens", "llm.token_count.completion")
_TOTAL = ("gen_ai.usage.total_tokens", "llm.usage.total_tokens", "llm.token_count.total")
_READ = (
    "gen_ai.usage.cache_read.input_tokens",
    "gen_ai.usage.cache_read_input_tokens",
    "llm.token_count.prompt_details.cache_read",
)
_WRITE = (
    "gen_ai.usage.cache_creation.input_tokens",
    "gen_ai.usage.cache_write.input_tokens",
    "gen_ai.usage.cache_creation_input_tokens",
    "llm.token_count.prompt_details.cache_write",
)
_REASONING = (
    "gen_ai.usage.reasoning.output_tokens",
    "gen_ai.usage.reasoning_tokens",
    "llm.token_count.completion_details.reasoning",
)
_ERRORS: Mapping[str, ErrorKind] = {"timeout": "timeout", "cancelled": "cancelled", "rate_limit": "rate_limit"}


class Span(msgspec.Struct, kw_only=True):
    """A span as both encodings of OTLP carry it. Ids in hexadecimal digits, moments in nanoseconds since 1970."""

    trace_id: str
    span_id: str
    start_ns: int
    end_ns: int
    attributes: dict[str, Any]
    resource: dict[str, Any]
    status: int = 0
    message: str = ""


def of_span(span: Span, *, latest_us: int) -> AttemptEvent | None:
    """The attempt that a span tells of; None for a span of other work. Raises BadRecordError."""
    given = span.attributes
    if not _is_call(given):
        return None
    if not span.trace_id or not span.span_id:
        raise BadRecordError("the span has no id")
    started_us, ended_us = span.start_ns // 1000, span.end_ns // 1000
    if not EARLIEST_US <= started_us <= latest_us or ended_us < started_us:
        raise BadRecordError(f"the span lasts from {span.start_ns} to {span.end_ns} ns, which cannot be")
    failed = span.status == ERROR_STATUS or first(given, "error.type") is not None
    event = whole_attempt(f"{span.trace_id}-{span.span_id}", started_us, ended_us, failed=failed)
    event.trace_id = trace_of(span.trace_id)
    _who_and_what(event, span)
    record_counts(event, _counts(given), inclusive=True)
    if failed:
        _failure(event, span)
    service = text(span.resource.get("service.name"), 128)
    said_cost(event, "otel", first(given, "gen_ai.usage.cost"), {"service.name": service} if service else {})
    return event


def _is_call(given: Mapping[str, Any]) -> bool:
    """Agents and workflows repeat the usage of the calls below them."""
    operation = given.get("gen_ai.operation.name")
    if operation is not None:
        return operation in CALLS
    if given.get("openinference.span.kind") not in {None, "LLM", "EMBEDDING"}:
        return False
    return first(given, *_MODEL) is not None and first(given, *_GIVEN, *_PRODUCED, "error.type") is not None


def _who_and_what(event: AttemptEvent, span: Span) -> None:
    given = span.attributes
    provider = text(first(given, "gen_ai.provider.name", "gen_ai.system", "llm.provider"))
    event.provider = OTEL_PROVIDERS.get(provider or "", provider)
    event.model = bare_model(first(given, *_MODEL), event.provider)
    event.served_model = bare_model(given.get("gen_ai.response.model"), event.provider)
    event.response_id = text(given.get("gen_ai.response.id"))
    event.call_type = text(given.get("gen_ai.operation.name"))
    event.api_base = text(given.get("server.address"))
    event.session_id = text(first(given, "gen_ai.conversation.id", "session.id"))
    event.user_id = text(first(given, "user.id", "enduser.id"))
    seconds = given.get("gen_ai.response.time_to_first_chunk")
    if isinstance(seconds, int | float) and 0 <= seconds <= (span.end_ns - span.start_ns) / 1e9:
        event.first_token_us = event.started_us + round(seconds * 1_000_000)
    event.streaming = event.first_token_us is not None or given.get("gen_ai.request.stream") is True or None


def _counts(given: Mapping[str, Any]) -> Counts:
    return Counts(
        given=whole(first(given, *_GIVEN)),
        cache_read=whole(first(given, *_READ)) or 0,
        cache_write=whole(first(given, *_WRITE)) or 0,
        audio_in=whole(given.get("llm.token_count.prompt_details.audio")) or 0,
        produced=whole(first(given, *_PRODUCED)),
        reasoning=whole(first(given, *_REASONING)) or 0,
        audio_out=whole(given.get("llm.token_count.completion_details.audio")) or 0,
        total=whole(first(given, *_TOTAL)),
    )


def _failure(event: AttemptEvent, span: Span) -> None:
    kind = text(span.attributes.get("error.type"), 128)
    status = int(kind) if kind is not None and kind.isdecimal() and len(kind) == len("500") else None
    record_failure(event, status, span.message, _ERRORS.get((kind or "").lower()))
    event.error_class = kind if status is None else None
