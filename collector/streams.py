"""The end of a stream, seen before the caller sees it.

None of LiteLLM's hooks runs at that moment: its final events follow in tasks that die with the process. But at every
stream's end LiteLLM calls three functions of its own, looked up by name each time. These are wrapped so that their
result is also looked at. Arguments, results and exceptions pass through untouched; where a function is missing the
final events are all there is.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from .answers import Answer
from .guard import guard
from .usage import fields_of
from .values import mapping

OnEnd = Callable[[Mapping[str, Any], Answer, bool], None]
"""Called with the call's details, what the stream added up to, and whether its usage was reported."""

_MARK = "__scalix_wraps__"


def wrap_chunk_builder(litellm: Any, on_end: OnEnd) -> bool:
    """Look at what ``litellm.stream_chunk_builder`` makes of a chat stream's chunks. False when there is none."""
    original = getattr(litellm, "stream_chunk_builder", None)
    if original is None or hasattr(original, _MARK):
        return original is not None

    @functools.wraps(original)
    def stream_chunk_builder(*args: Any, **kwargs: Any) -> Any:
        built = original(*args, **kwargs)
        with guard:
            details = mapping(getattr(kwargs.get("logging_obj"), "model_call_details", None))
            if details and details.get("call_type") != "anthropic_messages" and _at_the_end():
                on_end(details, _answer(fields_of(built)), _reported(kwargs.get("chunks")))
        return built

    setattr(stream_chunk_builder, _MARK, original)
    litellm.stream_chunk_builder = stream_chunk_builder
    return True


def wrap_responses(iterator: Any, on_end: OnEnd) -> bool:
    """Look at the completed response of a Responses stream. False when LiteLLM's iterator has no such moment."""
    original = getattr(iterator, "_log_completed_response", None)
    if original is None or hasattr(original, _MARK):
        return original is not None

    @functools.wraps(original)
    def _log_completed_response(self: Any, *args: Any, **kwargs: Any) -> Any:
        with guard:
            details = mapping(getattr(self.logging_obj, "model_call_details", None))
            completed = getattr(self, "completed_response", None)
            fields = fields_of(fields_of(completed).get("response") or completed)
            if details and fields:
                on_end(details, _answer(fields), True)
        return original(self, *args, **kwargs)

    setattr(_log_completed_response, _MARK, original)
    iterator._log_completed_response = _log_completed_response  # noqa: SLF001  the moment has no public name
    return True


def wrap_messages(handler: Any, on_end: OnEnd) -> bool:
    """Look at the bytes of an Anthropic Messages stream. False when LiteLLM has no such moment."""
    original = getattr(handler, "route_streaming_logging_to_handler", None)
    if original is None or hasattr(original, _MARK):
        return original is not None

    @functools.wraps(original)
    def route_streaming_logging_to_handler(*args: Any, **kwargs: Any) -> Any:
        # Called as the stream ends; the coroutine it returns runs when LiteLLM gets round to it.
        with guard:
            details = mapping(getattr(kwargs.get("litellm_logging_obj"), "model_call_details", None))
            if details.get("call_type") == "anthropic_messages":
                answer, ended = answer_of_messages(kwargs.get("raw_bytes"))
                if ended:
                    on_end(details, answer, True)
        return original(*args, **kwargs)

    setattr(route_streaming_logging_to_handler, _MARK, original)
    handler.route_streaming_logging_to_handler = staticmethod(route_streaming_logging_to_handler)
    return True


def answer_of_messages(chunks: object) -> tuple[Answer, bool]:
    """What the server-sent events of an Anthropic Messages stream add up to, and whether its last event came."""
    body = b"".join(chunk for chunk in chunks if type(chunk) is bytes) if type(chunks) is list else b""
    usage: dict[str, Any] = {}
    answer = Answer()
    for line in body.splitlines():
        if line.startswith(b"data:") and b'"usage"' in line:
            event = _json(line[5:])
            message = mapping(event.get("message"))
            answer.id = answer.id or message.get("id")
            answer.model = answer.model or message.get("model")
            usage.update(mapping(message.get("usage") or event.get("usage")))
    answer.usage = usage or None
    return answer, b"message_stop" in body


def _answer(fields: Mapping[str, Any]) -> Answer:
    return Answer(fields.get("id"), fields.get("model"), fields.get("usage"))


def _json(data: bytes) -> Mapping[str, Any]:
    try:
        return mapping(msgspec.json.decode(data))
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return {}


def _at_the_end() -> bool:
    """LiteLLM also adds up the chunks of a stream that broke, but then from within the handler of what broke it."""
    active = sys.exc_info()[0]
    return active is None or issubclass(active, (StopIteration, StopAsyncIteration))


def _reported(chunks: object) -> bool:
    """Whether a chunk carried usage; LiteLLM estimates it otherwise."""
    for chunk in reversed(chunks) if type(chunks) is list else ():
        if fields_of(chunk).get("usage") is not None:
            return True
    return False
