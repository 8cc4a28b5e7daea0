"""From a hook's arguments to a line on the spool, guarded: what every hook does, without LiteLLM's classes."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from scalix.events import CooldownEvent, FallbackEvent, to_line
from scalix.times import MICROSECONDS, now_us

from . import answers, failures, fields, moments, native, units, usage
from . import attempts as events
from .answers import Answer
from .attempts import ANSWER, FAILED, FAILED_FINALLY, FINALLY, OPENED, SUCCEEDED, TOLD_OF_FAILURE, TOLD_OF_SUCCESS
from .guard import guard
from .identity import Attempts, call_details
from .spool import Spool
from .values import count, identifier, mapping, text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from scalix.events import AttemptEvent

    from .identity import Attempt
    from .settings import Settings
    from .usage import Source

LONGEST_COOLDOWN_S = 366 * 86_400


class Recorder:
    """Turns what LiteLLM's hooks are given into events on a spool. No method raises or changes its arguments."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.spool = Spool(settings.spool, settings.segment_bytes)
        self.attempts = Attempts()
        short = settings.native and not settings.record_content
        self._ordinary = native.ordinary if short else native.absent
        self._kept_keys = tuple(settings.metadata_keys)
        self._kept = partial(fields.kept, settings=settings)
        self._watch_messages: Callable[[], object] | None = None

    def opened(self, details: object) -> None:
        try:
            known = details if type(details) is dict else mapping(details)
            attempt = self.attempts.of(known)
            line = self._ordinary.opened(
                attempt, known, self._kept_keys, self._kept, time.time_ns(), time.monotonic_ns()
            )
            if self.spool.put(line or to_line(events.opened(attempt, known, self.settings))):
                attempt.told |= OPENED
            if self._watch_messages and known.get("call_type") == "anthropic_messages" and known.get("stream"):
                begin, self._watch_messages = self._watch_messages, None
                begin()
        except BaseException as error:
            if not guard.swallows(error):
                raise

    def answered(self, details: object, original: object) -> None:
        try:
            known = details if type(details) is dict else mapping(details)
            if known.get("stream") is True:
                return
            attempt, line = self.attempts.of(known), None
            if known.get("call_type") not in units.METERED:
                line = self._ordinary.answered(
                    attempt, original, answers.decode, usage.decode_plain, time.time_ns(), time.monotonic_ns()
                )
            if line is None:
                self._answered(known, original)
            elif self.spool.put(line):
                attempt.told |= ANSWER
        except BaseException as error:
            if not guard.swallows(error):
                raise

    def deployment_answered(self, request_data: object, response: object) -> None:
        """For the call types whose raw answer LiteLLM announces too late or not at all."""
        with guard:
            details = call_details(request_data)
            if details.get("log_event_type") == "pre_api_call":
                self._answered(details, response)

    def _answered(self, details: Mapping[str, Any], original: object) -> None:
        if details.get("stream") is True:
            return
        answer, used = answers.read(original), units.used(details, original)
        if answer is not None or used is not None:
            attempt = self.attempts.of(details)
            event = events.answered(attempt, answer or Answer(), original, used, self.settings)
            self._write(attempt, events.told_of_answer(event), event)

    def stream_ended(self, details: Mapping[str, Any], answer: Answer, reported: bool) -> None:
        with guard:
            attempt = self.attempts.of(details)
            source: Source = "reported" if reported else "estimated"
            line = self._ordinary.streamed(
                attempt, details, answer, source, usage.plain, usage.encode, time.time_ns(), time.monotonic_ns()
            )
            if line is None:
                event = events.streamed(attempt, details, answer, source)
                self._write(attempt, events.STREAM_ENDED | events.told_of_answer(event), event)
            elif self.spool.put(line):
                attempt.told |= events.STREAM_ENDED | (events.USED if reported else events.ESTIMATED)

    def failed(self, request_data: object, error: object, depth: object) -> None:
        with guard:
            details = call_details(request_data)
            if details and isinstance(error, BaseException):
                self._failed(details, error, depth)

    def _failed(self, details: Mapping[str, Any], error: BaseException, depth: object = None) -> None:
        attempt = self.attempts.of(details)
        if not attempt.told & FAILED:
            self._write(attempt, FAILED, events.failed(attempt, details, error, depth, settings=self.settings))

    def final(self, kind: Literal["success", "failure"], details: object, response: object, end_time: object) -> None:
        try:
            known = details if type(details) is dict else mapping(details)
            attempt, success, line = self.attempts.of(known), kind == "success", None
            before, telling = (TOLD_OF_SUCCESS, SUCCEEDED) if success else (TOLD_OF_FAILURE, FAILED | FAILED_FINALLY)
            if attempt.told & telling & FINALLY:
                return
            if attempt.told & before == before:
                line = self._ordinary.ended(
                    attempt, success, known, response, end_time, usage.encode, time.time_ns(), time.monotonic_ns()
                )
            if line is None:
                line = to_line(events.final(kind, attempt, known, response, end_time, settings=self.settings))
            if self.spool.put(line):
                attempt.told |= telling
        except BaseException as error:
            if not guard.swallows(error):
                raise

    def _write(self, attempt: Attempt, telling: int, event: AttemptEvent) -> None:
        if self.spool.write(event):
            attempt.told |= telling

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

    def cooled_down(self, deployment_id: object, error: object, seconds: object) -> None:
        """The Router in this process leaves a deployment alone for so many seconds."""
        name = text(deployment_id)
        lasts = type(seconds) in {int, float} and 0 <= seconds <= LONGEST_COOLDOWN_S  # type: ignore[operator]  # a number
        if name is None or not lasts:
            return
        begins = now_us()
        self.spool.write(
            CooldownEvent(
                at_us=begins,
                until_us=begins + round(seconds * MICROSECONDS),  # type: ignore[operator]  # a number
                deployment_id=name,
                error_kind=failures.kind_of(error) if isinstance(error, BaseException) else None,
                error_class=type(error).__name__ if isinstance(error, BaseException) else None,
            )
        )

    def watch(
        self, litellm: Any, responses_iterator: Any, cooldown_cache: Any, messages_handler: Callable[[], Any]
    ) -> tuple[str, ...]:
        """See inline what no hook tells in time; the names of what this LiteLLM offers no way to see.

        ``messages_handler`` is called at the first Anthropic Messages stream: LiteLLM imports that part only then,
        which takes a good part of a second.
        """
        self._watch_messages = lambda: moments.messages_streams(messages_handler(), self.stream_ended, self._failed)
        seen = {
            "the end of chat streams": moments.chat_streams(litellm, self.stream_ended, self._failed),
            "the end of responses streams": moments.responses_streams(responses_iterator, self.stream_ended),
            "cooldowns of deployments": moments.cooldowns(cooldown_cache, self.cooled_down),
            "LiteLLM's own retries of synchronous calls": moments.own_retries(litellm, self._failed),
        }
        return tuple(what for what, works in seen.items() if not works)
