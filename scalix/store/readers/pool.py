"""So many readers and no more: a question takes one, waits for one, or is turned away."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Self

from scalix.store.readers.reader import AskError, Reader
from scalix.store.readers.wire import End, Limits, Question

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WAIT_S = 15.0
MOST_WAITING = 16


class BusyError(AskError):
    """All readers are taken and enough questions wait."""

    def __init__(self) -> None:
        """Asking again later may help."""
        super().__init__("broken", "too many queries at once; ask again in a few seconds")


class Pool:
    """Readers over one lake, started when needed. Safe to share between threads."""

    def __init__(self, lake_file: Path, *, readers: int = 4, limits: Limits | None = None) -> None:
        """Nothing is started yet."""
        self.limits = limits or Limits()
        self._lake_file = lake_file
        self._most = readers
        self._idle: list[Reader] = []
        self._taken = 0
        self._waiting: list[object] = []
        self._closed = False
        self._changed = threading.Condition()

    def start_one(self) -> None:
        """Have a reader at hand, so that the first question does not wait for its start."""
        self.give_back(self._take(), usable=True)

    def ask(self, question: Question) -> Answer:
        """The answer, as soon as its beginning is there. Raises AskError when there is none."""
        reader = self._take()
        try:
            reader.ask(question)
        except BaseException:
            self.give_back(reader, usable=False)
            raise
        return Answer(self, reader)

    def give_back(self, reader: Reader, *, usable: bool) -> None:
        """Return a reader; one that still answers, or may be unsound, is killed."""
        if not usable:
            reader.kill()
        with self._changed:
            self._taken -= 1
            if usable and not self._closed:
                self._idle.append(reader)
            self._changed.notify_all()
        if usable and self._closed:
            reader.kill()

    def idle_readers(self) -> list[Reader]:
        """The readers that wait for a question."""
        with self._changed:
            return list(self._idle)

    def close(self) -> None:
        """End all readers, those at work when they are given back."""
        with self._changed:
            self._closed = True
            idle, self._idle = self._idle, []
            self._changed.notify_all()
        for reader in idle:
            reader.kill()

    def _take(self) -> Reader:
        until, me = time.monotonic() + WAIT_S, object()
        with self._changed:
            if self._taken >= self._most and len(self._waiting) >= MOST_WAITING:
                raise BusyError
            self._waiting.append(me)
            try:
                # In turn: who has just been answered asks again before one that waits has woken up.
                while not self._closed and (self._taken >= self._most or self._waiting[0] is not me):
                    if not self._changed.wait(until - time.monotonic()):
                        raise BusyError
            finally:
                self._waiting.remove(me)
                self._changed.notify_all()
            if self._closed:
                raise AskError("broken", "the hub is stopping")
            self._taken += 1
            kept = self._idle.pop() if self._idle else None
        if kept is not None and kept.alive:
            return kept
        if kept is not None:
            kept.kill()
        return self._started()

    def _started(self) -> Reader:
        try:
            return Reader(self._lake_file, self.limits)
        except BaseException:
            with self._changed:
                self._taken -= 1
                self._changed.notify_all()
            raise


class Answer:
    """The pieces of one answer. `end` is there once they are through; close it in any case."""

    def __init__(self, pool: Pool, reader: Reader) -> None:
        """Waits for the beginning, so that a question without an answer fails here. Raises AskError."""
        self._pool = pool
        self._reader: Reader | None = reader
        self.end: End | None = None
        self._first = self._received()

    def __iter__(self) -> Iterator[bytes]:
        """Raises AskError when the answer breaks off: what came until then is not whole."""
        while (piece := self.piece()) is not None:
            yield piece

    def piece(self) -> bytes | None:
        """The next piece, None after the last. Raises AskError."""
        first, self._first = self._first, None
        return self._received() if first is None else first

    def close(self) -> None:
        """Let go of the reader; one that has not finished is killed."""
        if self._reader is not None:
            self._release(usable=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _received(self) -> bytes | None:
        if self._reader is None:
            return None
        try:
            found = self._reader.receive()
        except AskError:
            self._release(usable=False)
            raise
        if isinstance(found, bytes):
            return found
        self.end = found
        self._release(usable=not found.last)
        if found.sort is not None:
            raise AskError(found.sort, found.message)
        return None

    def _release(self, *, usable: bool) -> None:
        reader, self._reader = self._reader, None
        if reader is not None:
            self._pool.give_back(reader, usable=usable)
