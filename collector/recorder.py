"""From a hook's arguments to a line on the spool, guarded: what every hook does, without LiteLLM's classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from scalix.events import FallbackEvent
from scalix.times import now_us

from . import attempts, failures, streams
from .guard import guard
from .identity import call_details, key_of
from .spool import Spool
from .values import count, identifier, mapping, text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .answers import Answer
    from .settings import Settings

MOST_ENDED_STREAMS = 10_000


class Recorder:
    """Turns what LiteLLM's hooks are given into events on a spool. No method raises or changes its arguments."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.spool = Spool(settings.spool, settings.segment_bytes)
        # Whether a stream's usage was reported is only to be seen at its end, yet the final event needs it too.
        self._ended: dict[tuple[str, int], Literal["reported", "estimated"]] = {}

    def opened(self, details: object) -> None:
        with guard:
            self.spool.write(attempts.opened(mapping(details), self.settings))

    def answered(self, details: object, original: object) -> None:
        with guard:
            event = attempts.answered(mapping(details), original, self.settings)
            if event is not None:
                self.spool.write(event)

    def deployment_answered(self, request_data: object, response: object) -> None:
        """For the call types whose raw answer LiteLLM announces too late or not at all."""
        with guard:
            details = call_details(request_data)
            if details.get("log_event_type") == "pre_api_call":
                event = attempts.answered(details, response, self.settings)
                if event is not None:
                    self.spool.write(event)

    def stream_ended(self, details: Mapping[str, Any], answer: Answer, reported: bool) -> None:
        with guard:
            event = attempts.streamed(details, answer, "reported" if reported else "estimated")
            if event.tokens_source is not None:
                if len(self._ended) >= MOST_ENDED_STREAMS:
                    self._ended.clear()
                self._ended[event.call_id, event.started_us] = event.tokens_source
            self.spool.write(event)

    def failed(self, request_data: object, error: object, depth: object) -> None:
        with guard:
            details = call_details(request_data)
            if details and isinstance(error, BaseException):
                self.spool.write(attempts.failed(details, error, depth, self.settings))

    def final(
        self,
        kind: Literal["success", "failure"],
        details: object,
        response: object,
        end_time: object,
    ) -> None:
        with guard:
            known = mapping(details)
            source = self._ended.pop(key_of(known)[:2], None) if self._ended else None
            event = attempts.final(kind, known, response, end_time, settings=self.settings, source=source)
            self.spool.write(event)

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

    def watch_streams(self, litellm: Any, responses_iterator: Any, messages_iterator: Any) -> tuple[str, ...]:
        """See the ends of streams inline; the names of those that this LiteLLM offers no way to see."""
        seen = {
            "chat": streams.wrap_chunk_builder(litellm, self.stream_ended),
            "responses": streams.wrap_responses(responses_iterator, self.stream_ended),
            "anthropic_messages": streams.wrap_messages(messages_iterator, self.stream_ended),
        }
        return tuple(name for name, works in seen.items() if not works)
