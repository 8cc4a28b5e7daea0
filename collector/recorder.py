"""From a hook's arguments to a line on the spool, guarded: what every hook does, without LiteLLM's classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from scalix.events import FallbackEvent
from scalix.times import now_us

from . import attempts, failures, moments
from .guard import guard
from .identity import call_details, key_of
from .spool import Spool
from .values import count, identifier, mapping, text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from scalix.events import AttemptEvent

    from .answers import Answer
    from .settings import Settings

MOST_REMEMBERED = 10_000
"""Attempts of which is remembered what was told; an older one is told again in full by its final event."""


class Recorder:
    """Turns what LiteLLM's hooks are given into events on a spool. No method raises or changes its arguments."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.spool = Spool(settings.spool, settings.segment_bytes)
        self._told: dict[tuple[str, int], int] = {}
        self._watch_messages: Callable[[], object] | None = None

    def opened(self, details: object) -> None:
        with guard:
            known = mapping(details)
            self._write(attempts.opened(known, self.settings))
            if self._watch_messages and known.get("call_type") == "anthropic_messages" and known.get("stream"):
                begin, self._watch_messages = self._watch_messages, None
                begin()

    def answered(self, details: object, original: object) -> None:
        with guard:
            event = attempts.answered(mapping(details), original, self.settings)
            if event is not None:
                self._write(event)

    def deployment_answered(self, request_data: object, response: object) -> None:
        """For the call types whose raw answer LiteLLM announces too late or not at all."""
        with guard:
            details = call_details(request_data)
            if details.get("log_event_type") == "pre_api_call":
                event = attempts.answered(details, response, self.settings)
                if event is not None:
                    self._write(event)

    def stream_ended(self, details: Mapping[str, Any], answer: Answer, reported: bool) -> None:
        with guard:
            self._write(attempts.streamed(details, answer, "reported" if reported else "estimated"))

    def failed(self, request_data: object, error: object, depth: object) -> None:
        with guard:
            details = call_details(request_data)
            if details and isinstance(error, BaseException):
                self._failed(details, error, depth)

    def _failed(self, details: Mapping[str, Any], error: BaseException, depth: object = None) -> None:
        key = key_of(details)
        told = self._told.get(key[:2], 0)
        if not told & attempts.FAILED:
            self._write(attempts.failed(details, error, depth, key=key, settings=self.settings, told=told))

    def final(self, kind: Literal["success", "failure"], details: object, response: object, end_time: object) -> None:
        with guard:
            known = mapping(details)
            key = key_of(known)
            told = self._told.get(key[:2], 0)
            if not told & (attempts.SUCCEEDED if kind == "success" else attempts.FAILED_FINALLY):
                self._write(attempts.final(kind, known, response, end_time, key=key, settings=self.settings, told=told))

    def _write(self, event: AttemptEvent) -> None:
        if not self.spool.write(event):
            return
        key = (event.call_id, event.started_us)
        before = self._told.get(key, 0)
        if not before and len(self._told) >= MOST_REMEMBERED:
            for oldest in list(self._told)[: MOST_REMEMBERED // 10]:
                self._told.pop(oldest, None)
        self._told[key] = before | attempts.told_by(event)

    def fallback(self, group: object, kwargs: object, error: object, *, succeeded: bool) -> None:
        with guard:
            details = mapping(kwargs)
            self.spool.write(
                FallbackEvent(
                    at_us=now_us(),
                    trace_id=identifier(details.get("litellm_trace_id")),
                    call_id=text(details.get("litellm_call_id")),
                    original_model_group=text(group),
                    model_group=text(details.get("model")),
                    fallback_depth=count(details.get("fallback_depth")),
                    succeeded=succeeded,
                    error_kind=failures.kind_of(error) if isinstance(error, BaseException) else None,
                    error_class=type(error).__name__ if isinstance(error, BaseException) else None,
                )
            )

    def watch(self, litellm: Any, responses_iterator: Any, messages_handler: Callable[[], Any]) -> tuple[str, ...]:
        """See inline what no hook tells in time; the names of what this LiteLLM offers no way to see.

        ``messages_handler`` is called at the first Anthropic Messages stream: LiteLLM imports that part only then,
        which takes a good part of a second.
        """
        self._watch_messages = lambda: moments.messages_streams(messages_handler(), self.stream_ended, self._failed)
        seen = {
            "the end of chat streams": moments.chat_streams(litellm, self.stream_ended, self._failed),
            "the end of responses streams": moments.responses_streams(responses_iterator, self.stream_ended),
            "LiteLLM's own retries of synchronous calls": moments.own_retries(litellm, self._failed),
        }
        return tuple(what for what, works in seen.items() if not works)
