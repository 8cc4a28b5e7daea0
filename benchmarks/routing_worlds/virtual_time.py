"""Hours in seconds: an event loop whose clock jumps to the next timer as soon as nothing else is left to do.

``time.time`` and ``datetime.now`` follow it, so that LiteLLM's cooldowns, windows and latencies live in the same time.
Work that asyncio gives to threads is done at once, so that the clock cannot run ahead of it.
"""

from __future__ import annotations

import asyncio
import selectors
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import time_machine
from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

START = 1_750_000_000.0


class _Jumping(selectors.SelectSelector):
    """Waits for nothing: what the loop would have waited is added to its clock."""

    def __init__(self, shift: Callable[[float], None]) -> None:
        super().__init__()
        self._shift = shift

    @override
    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0 if timeout is not None else 0.01)
        if not ready and timeout:
            self._shift(timeout)
        return ready


class _AtOnce(ThreadPoolExecutor):
    @override
    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        done: Future[Any] = Future()
        try:
            done.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - an executor hands on whatever its work raises
            done.set_exception(error)
        return done


class VirtualLoop(asyncio.SelectorEventLoop):
    """``now`` is in seconds from an arbitrary point, as is ``time``."""

    def __init__(self, traveller: time_machine.Traveller) -> None:
        self.now = 0.0
        self._traveller = traveller
        super().__init__(_Jumping(self._jump))
        self.set_default_executor(_AtOnce())

    @override
    def time(self) -> float:
        return self.now

    def _jump(self, seconds: float) -> None:
        self.now += seconds
        self._traveller.move_to(START + self.now)


@contextmanager
def virtual_loop() -> Iterator[VirtualLoop]:
    """A loop in virtual time; the process lives in it until it is left."""
    with time_machine.travel(START, tick=False) as traveller:
        loop = VirtualLoop(traveller)
        asyncio.set_event_loop(loop)
        try:
            yield loop
        finally:
            asyncio.set_event_loop(None)
            loop.close()
