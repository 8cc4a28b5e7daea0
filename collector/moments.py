"""Moments that matter and that none of LiteLLM's hooks reports in time.

A stream's end and its breaking are told by hooks that run in tasks of their own, which die with the process; the
failure that LiteLLM itself retries outside the Router, in synchronous calls, by none. At each of these moments LiteLLM
calls a function of its own that it looks up by name. Those are wrapped so that we look on: arguments, results and
exceptions pass through untouched, and where a function is missing the final events are all there is.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from .answers import Answer
from .guard import guard
from .usage import fields_of, unfolded
from .values import mapping

OnEnd = Callable[[Mapping[str, Any], Answer, bool], None]
"""Called with the call's details, what the stream added up to, and whether its usage was reported."""
OnCooldown = Callable[[object, object, object], None]
"""Called with the deployment's id, the error, and for how many seconds it is set aside."""
OnFailure = Callable[[Mapping[str, Any], BaseException], None]
"""Called with the call's details and what it failed with."""

_MARK = "__scalix_wraps__"


def chat_streams(litellm: Any, on_end: OnEnd, on_failure: OnFailure) -> bool:
    """``stream_chunk_builder`` adds up a chat stream that came to its end, and, inside the handler, one that broke."""

    def look(built: Any, kwargs: dict[str, Any]) -> None:
        details = _details(kwargs.get("logging_obj"))
        if not details or details.get("call_type") == "anthropic_messages":
            return
        error = sys.exc_info()[1]
        if error is None or isinstance(error, StopIteration | StopAsyncIteration):
            on_end(details, _answer(fields_of(built)), _reported(kwargs.get("chunks")))
        else:
            on_failure(details, error)

    return _wrap(litellm, "stream_chunk_builder", after=look)


def responses_streams(iterator: Any, on_end: OnEnd) -> bool:
    """A Responses stream logs its completed response while the last event is on its way to the caller."""

    def look(args: tuple[Any, ...], _: dict[str, Any]) -> None:
        details = _details(args[0].logging_obj)
        completed = fields_of(getattr(args[0], "completed_response", None))
        fields = fields_of(completed.get("response")) or completed
        if details and fields:
            on_end(details, _answer(fields), True)

    return _wrap(iterator, "_log_completed_response", before=look)


def messages_streams(handler: Any, on_end: OnEnd, on_failure: OnFailure) -> bool:
    """An Anthropic Messages stream hands its bytes to logging as it ends, and its error as it breaks."""

    def ended(_: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        details = _details(kwargs.get("litellm_logging_obj"))
        if details.get("call_type") == "anthropic_messages":
            answer, complete = answer_of_messages(kwargs.get("raw_bytes"))
            if complete:
                on_end(details, answer, True)

    def broke(_: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        details, error = _details(kwargs.get("litellm_logging_obj")), kwargs.get("exception")
        if details.get("call_type") == "anthropic_messages" and isinstance(error, BaseException):
            on_failure(details, error)

    return _wrap(handler, "route_streaming_logging_to_handler", before=ended, static=True) and _wrap(
        handler, "schedule_stream_failure_logging", before=broke, static=True
    )


def own_retries(litellm: Any, on_failure: OnFailure) -> bool:
    """LiteLLM's retries of synchronous calls begin in the handler of a failure that is never logged."""

    def look(_: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        details, error = _details(kwargs.get("litellm_logging_obj")), sys.exc_info()[1]
        if details and error is not None:
            on_failure(details, error)

    return _wrap(litellm, "completion_with_retries", before=look) and _wrap(
        litellm, "responses_with_retries", before=look
    )


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


def cooldowns(cache: Any, on_cooldown: OnCooldown) -> bool:
    """A Router sets a deployment aside after failures by writing it into its cache of cooldowns."""

    def look(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        seconds = kwargs.get("cooldown_time")
        if seconds is None:
            seconds = getattr(args[0], "default_cooldown_time", None)
        on_cooldown(kwargs.get("model_id"), kwargs.get("original_exception"), seconds)

    return _wrap(cache, "add_deployment_to_cooldown", before=look)


def _wrap(
    owner: Any,
    name: str,
    *,
    before: Callable[[tuple[Any, ...], dict[str, Any]], None] | None = None,
    after: Callable[[Any, dict[str, Any]], None] | None = None,
    static: bool = False,
) -> bool:
    """Have a function looked on, once. False when the owner has none of that name."""
    original = getattr(owner, name, None)
    if original is None or hasattr(original, _MARK):
        return original is not None

    @functools.wraps(original)
    def watched(*args: Any, **kwargs: Any) -> Any:
        if before is not None:
            with guard:
                before(args, kwargs)
        result = original(*args, **kwargs)
        if after is not None:
            with guard:
                after(result, kwargs)
        return result

    setattr(watched, _MARK, original)
    setattr(owner, name, staticmethod(watched) if static else watched)
    return True


def _details(logging: object) -> Mapping[str, Any]:
    return mapping(getattr(logging, "model_call_details", None))


def _answer(fields: Mapping[str, Any]) -> Answer:
    return Answer(fields.get("id"), fields.get("model"), unfolded(fields.get("usage")))


def _json(data: bytes) -> Mapping[str, Any]:
    try:
        return mapping(msgspec.json.decode(data))
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return {}


def _reported(chunks: object) -> bool:
    """Whether a chunk carried usage; LiteLLM estimates it otherwise."""
    if type(chunks) is list:
        for chunk in reversed(chunks):
            if fields_of(chunk).get("usage") is not None:
                return True
    return False
