"""Streams that LiteLLM's Router opens by itself: when that fails, no hook is called.

For Gemini and others the request is only made when the stream is first read. The Router reads ahead, outside of what
LiteLLM logs, and goes on to its next attempt when that fails. The two functions that make the request are wrapped so
that we look on, the collector as well as routing: results and exceptions pass through untouched.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

OnFailure = Callable[[object, object, object], None]
"""Called as LiteLLM calls its deployment hook: with the data of the request, the exception, and no fallback depth."""

_MARK = "__scalix_wraps__"
_NAMES = ("fetch_stream", "fetch_sync_stream")


def watch(wrapper: Any, on_failure: OnFailure) -> tuple[str, ...]:
    """Be told of every stream that cannot be opened; the names of what this LiteLLM does not have."""
    for name, wrap in zip(_NAMES, (_asynchronous, _synchronous), strict=True):
        original = getattr(wrapper, name, None)
        if original is None:
            continue
        listening = getattr(original, _MARK, None)
        if listening is None:
            listening = []
            watched = wrap(original, listening)
            setattr(watched, _MARK, listening)
            setattr(wrapper, name, watched)
        if on_failure not in listening:
            listening.append(on_failure)
    return tuple(name for name in _NAMES if not hasattr(wrapper, name))


def _tell(listening: list[OnFailure], wrapper: object, error: Exception) -> None:
    for on_failure in listening:
        on_failure({"litellm_logging_obj": getattr(wrapper, "logging_obj", None)}, error, None)


def _asynchronous(original: Any, listening: list[OnFailure]) -> Any:
    @functools.wraps(original)
    async def watched(self: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return await original(self, *args, **kwargs)
        except Exception as error:
            _tell(listening, self, error)
            raise

    return watched


def _synchronous(original: Any, listening: list[OnFailure]) -> Any:
    @functools.wraps(original)
    def watched(self: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return original(self, *args, **kwargs)
        except Exception as error:
            _tell(listening, self, error)
            raise

    return watched
