"""Streams of custom providers opened when LiteLLM's Router expects it: before it takes the attempt for a success.

LiteLLM asks a custom provider for a stream without awaiting it, so it could only be opened when it is first read. By
then the Router no longer tries another deployment. LiteLLM has a way to open streams in time, ``make_call``, which its
custom providers have no access to; the function that makes their streams is wrapped to hand ours over that way. In a
LiteLLM without that function streams are opened when they are first read.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

_DISPATCH = "_complete_custom_providers"
_MARK = "__scalix_opens_streams__"


class Unopened:
    """A stream that is opened by ``open``, or else when it is first read, and never twice.

    LiteLLM asks for an iterator anew for every chunk.
    """

    def __init__(self, opening: Callable[[], Awaitable[AsyncIterator[Any]]]) -> None:
        self._opening = opening
        self._opened: AsyncIterator[Any] | None = None

    async def open(self, **_: Any) -> AsyncIterator[Any]:
        """The chunks. Raises what the request fails with."""
        if self._opened is None:
            self._opened = await self._opening()
        return self._opened

    def __aiter__(self) -> Unopened:
        return self

    async def __anext__(self) -> Any:
        return await anext(await self.open())


class UnopenedSync:
    """The same for a synchronous stream."""

    def __init__(self, opening: Callable[[], Iterator[Any]]) -> None:
        self._opening = opening
        self._opened: Iterator[Any] | None = None

    def open(self, **_: Any) -> Iterator[Any]:
        """The chunks. Raises what the request fails with."""
        if self._opened is None:
            self._opened = self._opening()
        return self._opened

    def __iter__(self) -> UnopenedSync:
        return self

    def __next__(self) -> Any:
        return next(self.open())


def open_in_time(main: Any) -> bool:
    """Have LiteLLM's ``main`` module hand unopened streams to the Router; False when it offers no way to."""
    original = getattr(main, _DISPATCH, None)
    if original is None or hasattr(original, _MARK):
        return original is not None

    @functools.wraps(original)
    def dispatch(*args: Any, **kwargs: Any) -> Any:
        response = original(*args, **kwargs)
        stream = getattr(response, "completion_stream", None)
        if isinstance(stream, Unopened | UnopenedSync):
            response.completion_stream, response.make_call = None, stream.open
        return response

    setattr(dispatch, _MARK, True)
    setattr(main, _DISPATCH, dispatch)
    return True
