"""The order in which a stream's chunks have to reach LiteLLM: what comes after the finish reason is lost there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator


class Order:
    """Holds the chunk that names the finish reason back until the stream has ended, so that usage comes before it."""

    def __init__(self) -> None:
        self.held: Any = None

    def passes(self, chunk: Any) -> bool:
        """Whether a chunk is to be handed on now."""
        if self.held is None and any(choice.finish_reason for choice in chunk.choices):
            self.held = chunk
            return False
        return True


async def in_order(chunks: Any, made: Callable[[Any], Any]) -> AsyncIterator[Any]:
    """Chunks of the OpenAI client, each ``made`` into LiteLLM's, the one with the finish reason last."""
    order = Order()
    try:
        async for chunk in chunks:
            if order.passes(chunk):
                yield made(chunk)
        if order.held is not None:
            yield made(order.held)
    finally:
        await chunks.close()


def in_order_sync(chunks: Any, made: Callable[[Any], Any]) -> Iterator[Any]:
    """The same for a synchronous stream."""
    order = Order()
    try:
        yield from (made(chunk) for chunk in chunks if order.passes(chunk))
        if order.held is not None:
            yield made(order.held)
    finally:
        chunks.close()
