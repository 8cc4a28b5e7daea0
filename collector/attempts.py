"""Events made of what LiteLLM's hooks are given: one function for each kind of event."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from scalix.events import AttemptEvent

from . import answers, costs, failures, fields, units, usage
from .bounds import input_tokens_high, output_tokens_high
from .identity import NO_UPSTREAM, handed_over
from .values import flag, mapping, moment_us, text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Literal

    from scalix.events import AttemptKind

    from .identity import Attempt
    from .settings import Settings
    from .usage import Source

OPENED, ANSWERED, USED, ESTIMATED, ENDED, FAILED, FAILED_FINALLY, SUCCEEDED, UNITS = (1 << n for n in range(9))
"""What earlier events of an attempt have put on the spool: who asks whom for what, id and model answered, reported
usage, estimated usage, the end of the stream, the error, the two final events, units. Later events leave it out."""
STREAM_ENDED = ANSWERED | ENDED
ANSWER = ANSWERED | USED
FINALLY = FAILED_FINALLY | SUCCEEDED
TOLD_OF_SUCCESS = OPENED | ANSWER
TOLD_OF_FAILURE = OPENED | FAILED
"""After which LiteLLM's final event has nothing to add but the end and the cost."""


def told_of_answer(event: AttemptEvent) -> int:
    """What an event with an answer tells, for the events after it."""
    told = (ANSWERED if event.response_id else 0) | (UNITS if event.units else 0)
    if event.tokens_source is None:
        return told
    return told | (USED if event.tokens_source == "reported" else ESTIMATED)


def _event(kind: AttemptKind, attempt: Attempt) -> AttemptEvent:
    now_us, ticks_us = time.time_ns() // 1000, time.monotonic_ns() // 1000
    return AttemptEvent(kind, attempt.call_id, attempt.started_us, now_us, ticks_us, attempt.flags)


def opened(attempt: Attempt, details: Mapping[str, Any], settings: Settings) -> AttemptEvent:
    """The call is about to be handed to a provider."""
    event = fields.described("opened", attempt, details, settings)
    event.upstream = handed_over(details)
    event.input_tokens_high = input_tokens_high(details)
    event.output_tokens_high = output_tokens_high(details)
    if settings.record_content:
        event.prompt = answers.as_json(details.get("messages") or details.get("input"))
    return event


def answered(
    attempt: Attempt, answer: answers.Answer, original: object, used: str | None, settings: Settings
) -> AttemptEvent:
    """A provider's raw answer was seen; ``used`` is what it used of units."""
    event = _event("answered", attempt)
    _answer(event, answer, "reported")
    event.units = used
    if settings.record_content and type(original) is str:
        event.answer = answers.bounded(original)
    return event


def streamed(attempt: Attempt, details: Mapping[str, Any], answer: answers.Answer, source: Source) -> AttemptEvent:
    """A stream came to its end."""
    event = _event("streamed", attempt)
    _answer(event, answer, source)
    event.streaming = True
    event.first_token_us = moment_us(details.get("completion_start_time"))
    event.ended_us = event.at_us
    return event


def failed(
    attempt: Attempt, details: Mapping[str, Any], error: BaseException, depth: object, *, settings: Settings
) -> AttemptEvent:
    """One attempt failed, as the deployment hook tells it."""
    if attempt.told & OPENED:
        event = _event("failed", attempt)
    else:
        event = fields.described("failed", attempt, details, settings)
        event.upstream = handed_over(details)
    if type(depth) is int and event.fallback_depth is None:
        event.fallback_depth = depth
    failures.record(event, error, fields.known_secrets(details))
    _refusal(event, details)
    return event


def final(
    kind: Literal["success", "failure"],
    attempt: Attempt,
    details: Mapping[str, Any],
    response: object,
    end_time: object,
    *,
    settings: Settings,
) -> AttemptEvent:
    """LiteLLM's last word on an attempt: what the events told before did not hold."""
    told, get = attempt.told, details.get
    payload = get("standard_logging_object")
    if type(payload) is not dict:
        payload = mapping(payload)
    hit = flag(payload.get("cache_hit")) or flag(get("cache_hit"))
    if told & OPENED:
        event = _event(kind, attempt)
    else:
        event = fields.described(kind, attempt, details, settings)
        event.upstream = _upstream(kind, hit, details)
    event.cache_hit = hit
    if not payload:
        event.flags = [*(event.flags or ()), "no_payload"]
    event.ended_us = moment_us(end_time) or moment_us(payload.get("endTime"))
    if get("stream") is True or payload.get("stream") is True:
        event.streaming = True
        event.first_token_us = moment_us(get("completion_start_time"))
    end_user = payload.get("end_user")
    if end_user:
        event.end_user = text(end_user)
    if not told & USED:
        _tokens(event, details, payload, response, "estimated" if told & ESTIMATED else None)
    costs.record(event, details, payload)
    if kind == "failure":
        _failure(event, details, payload, told)
    else:
        _success(event, details, payload, response, told)
        if not told & (USED | UNITS):
            event.units = units.used(details, response)
        if settings.record_content:
            event.prompt = answers.as_json(payload.get("messages"))
            event.answer = answers.as_json(payload.get("response"))
    return event


def _upstream(kind: str, cache_hit: bool | None, details: Mapping[str, Any]) -> bool | None:
    if cache_hit or details.get(NO_UPSTREAM):
        return False
    if handed_over(details):
        return True
    # Custom providers need not announce the call, yet somebody must have answered it.
    return True if kind == "success" else None


def _success(
    event: AttemptEvent, details: Mapping[str, Any], payload: Mapping[str, Any], response: object, told: int
) -> None:
    error = payload.get("error_information")
    if error and mapping(error).get("error_class"):
        failures.record_information(event, payload, ())
    if event.streaming and not told & ENDED and details.get("call_type") == "anthropic_messages":
        # LiteLLM calls it success when the caller of such a stream walks away, and adds up what came until then.
        event.error_kind = event.error_kind or "cancelled"
    if not told & ANSWERED:
        # LiteLLM makes ids of its own for some providers, so where the raw answer was seen its id stands.
        answer = usage.fields_of(response)
        event.response_id = text(answer.get("id"))
        event.served_model = fields.bare_model(answer.get("model"), event.provider)


def _failure(event: AttemptEvent, details: Mapping[str, Any], payload: Mapping[str, Any], told: int) -> None:
    if told & FAILED:
        return
    error = details.get("exception")
    secrets = fields.known_secrets(details)
    if isinstance(error, BaseException):
        failures.record(event, error, secrets)
    elif not failures.record_information(event, payload, secrets):
        event.error_kind = "unknown"
    _refusal(event, details)


def _tokens(
    event: AttemptEvent,
    details: Mapping[str, Any],
    payload: Mapping[str, Any],
    response: object,
    source: Source | None,
) -> None:
    given = mapping(payload.get("metadata")).get("usage_object") or usage.fields_of(response).get("usage")
    if not given:
        # What failed has nothing but zeros at the payload's top.
        given = {name: payload[name] for name in ("prompt_tokens", "completion_tokens") if payload.get(name)}
        if not given:
            return
    usage.record(event, given, source or _source(event, details))


def _source(event: AttemptEvent, details: Mapping[str, Any]) -> Source:
    if event.kind == "failure" or event.streaming:
        # Usage that a stream reported would have been seen at its end.
        return "estimated"
    original = details.get("original_response")
    if type(original) is str and '"usage' not in original and "_count" not in original:
        return "estimated"
    return "reported"


def _refusal(event: AttemptEvent, details: Mapping[str, Any]) -> None:
    if handed_over(details):
        return
    if details.get(NO_UPSTREAM) or failures.refused_by_proxy(event):
        event.upstream = False
        if event.error_kind not in {"cancelled", "client_disconnect"}:
            event.error_kind = "rejected"


def _answer(event: AttemptEvent, answer: answers.Answer, source: Source) -> None:
    event.response_id = text(answer.id)
    event.served_model = text(answer.model)
    if answer.usage is not None and usage.record(event, answer.usage, source, answer.usage_text):
        costs.record_provider(event, usage.cost_in(answer.usage))
