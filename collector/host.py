"""What makes counts right at OpenAI-compatible servers and Azure, without overriding what the host itself asked for.

LiteLLM asks for usage in streams only from OpenAI's own hosts, and outside the Router the OpenAI client repeats failed
requests twice where nobody sees it. Neither has a global switch, so the functions in which LiteLLM hands a request to
the OpenAI client are wrapped: a stream whose caller said nothing about usage asks for it (LiteLLM keeps the extra chunk
from a caller who did not), and a client whose caller said nothing about retries makes none.
"""

from __future__ import annotations

import functools
from typing import Any
from weakref import WeakKeyDictionary

from .guard import guard
from .usage import fields_of
from .values import mapping

_CHAT = ("make_openai_chat_completion_request", "make_sync_openai_chat_completion_request")
_AZURE = ("make_azure_openai_chat_completion_request", "make_sync_azure_openai_chat_completion_request")
_EMBEDDING = ("make_openai_embedding_request", "make_sync_openai_embedding_request")
_CLIENTS = ("openai_aclient", "openai_client", "azure_client")
_MARK = "__scalix_wraps__"
_USAGE = {"stream_options": {"include_usage": True}}


def adjust(openai: Any, azure: Any, *, stream_usage: bool, client_retries: bool) -> list[str]:
    """Wrap LiteLLM's handlers for OpenAI and Azure accordingly; what they offer no way for, in words."""
    refusing: set[str] = set()
    problems = []
    for handler, name in (*((openai, name) for name in (*_CHAT, *_EMBEDDING)), *((azure, name) for name in _AZURE)):
        original = getattr(handler, name, None)
        if original is None:
            problems.append(f"LiteLLM has no {name}, so usage in streams and client retries are as LiteLLM sets them")
        elif not hasattr(original, _MARK):
            wrap = _asynchronous if "sync" not in name else _synchronous
            request = _Request(refusing, stream_usage=stream_usage and name not in _EMBEDDING, retries=client_retries)
            setattr(handler, name, wrap(original, request))
    return problems


class _Request:
    """What is changed about one request to the OpenAI client, and what to do when a server objects."""

    def __init__(self, refusing: set[str], *, stream_usage: bool, retries: bool) -> None:
        self._refusing = refusing
        self._stream_usage = stream_usage
        self._retries = retries
        self._quiet: WeakKeyDictionary[Any, Any] = WeakKeyDictionary()

    def changed(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """The arguments with a client that does not retry and data that asks for usage, where the host said nothing."""
        with guard:
            data: Any = arguments.get("data")
            silent = type(data) is dict and data.get("stream") is True and "stream_options" not in data
            if self._stream_usage and silent and _server(arguments) not in self._refusing:
                arguments = {**arguments, "data": {**data, **_USAGE}}
            if not self._retries and not _asked_for_retries(arguments):
                arguments = self._without_retries(arguments)
        return arguments

    def refused(self, arguments: dict[str, Any], changed: dict[str, Any], error: Exception) -> bool:
        """Whether the server objected to the request for usage; it is not asked again."""
        if changed.get("data") is arguments.get("data") or "stream_options" not in str(error):
            return False
        self._refusing.add(_server(arguments))
        return True

    def _without_retries(self, arguments: dict[str, Any]) -> dict[str, Any]:
        name = next((name for name in _CLIENTS if name in arguments), None)
        client = None if name is None else arguments[name]
        if name is None or client is None or client.max_retries == 0:
            return arguments
        quiet = self._quiet.get(client)
        if quiet is None:
            quiet = self._quiet[client] = client.with_options(max_retries=0)
        return {**arguments, name: quiet}


def _asynchronous(original: Any, request: _Request) -> Any:
    @functools.wraps(original)
    async def wrapped(self: Any, *args: Any, **kwargs: Any) -> Any:
        changed = request.changed(kwargs)
        try:
            return await original(self, *args, **changed)
        except Exception as error:
            if not request.refused(kwargs, changed, error):
                raise
        return await original(self, *args, **{**changed, "data": kwargs["data"]})

    setattr(wrapped, _MARK, original)
    return wrapped


def _synchronous(original: Any, request: _Request) -> Any:
    @functools.wraps(original)
    def wrapped(self: Any, *args: Any, **kwargs: Any) -> Any:
        changed = request.changed(kwargs)
        try:
            return original(self, *args, **changed)
        except Exception as error:
            if not request.refused(kwargs, changed, error):
                raise
        return original(self, *args, **{**changed, "data": kwargs["data"]})

    setattr(wrapped, _MARK, original)
    return wrapped


def _server(arguments: dict[str, Any]) -> str:
    client = next((arguments[name] for name in _CLIENTS if name in arguments), None)
    return str(getattr(client, "base_url", ""))


def _asked_for_retries(arguments: dict[str, Any]) -> bool:
    """Whether the host named a number of retries. The Router's 0 does not count: for embeddings LiteLLM makes it 2."""
    if "logging_obj" not in arguments and "azure_client" in arguments:
        return True  # LiteLLM's synchronous Azure call does not say what was asked for
    details = mapping(fields_of(arguments.get("logging_obj")).get("model_call_details"))
    places = (details, mapping(details.get("optional_params")), mapping(details.get("litellm_params")))
    return any(place.get("max_retries") for place in places)
