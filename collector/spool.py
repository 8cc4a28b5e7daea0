"""Events onto disk before the hook returns: no thread, no queue, nothing to flush at exit.

A disk that refuses never reaches the caller. Lines that could not be written wait in a bounded buffer, are tried
again at the next event and once more at exit; what does not fit is dropped, counted, and the count is written down as
soon as writing works again.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
import weakref
from time import monotonic_ns
from typing import TYPE_CHECKING

from scalix.events import LossEvent, to_line
from scalix.times import now_us

from . import process
from .guard import Guard, guard
from .segment import Segment, create

if TYPE_CHECKING:
    from pathlib import Path

    from scalix.events import Event

MOST_WAITING_LINES = 10_000
MOST_WAITING_BYTES = 16 * 1024 * 1024
LOOK_EVERY_NS = 20_000_000
logger = logging.getLogger("scalix.collector")
_living: weakref.WeakSet[Spool] = weakref.WeakSet()


class Spool:
    """This process's way onto the spool. One per process is enough; it is safe for threads and forks.

    ``lines`` counts the events on disk, ``dropped`` those given up.
    """

    def __init__(self, folder: Path, segment_bytes: int, watched: Guard = guard) -> None:
        self.folder = folder
        self.segment_bytes = segment_bytes
        self.dropped = 0
        self.lines = 0
        self._guard = watched
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0
        self._told_dropped = self._told_errors = 0
        self._next_look = 0
        self._failing: str | None = None
        self._begin()
        _living.add(self)

    def _begin(self) -> None:
        # Reentrant, because a signal handler or a finaliser of the host may call LiteLLM while we hold it.
        self._lock = threading.RLock()
        self._segment: Segment | None = None
        self.process_id = process.new_process_id()

    def write(self, event: Event) -> bool:
        """Put an event on disk, or into the buffer when the disk refuses; False when it had to be dropped.

        Raises nothing that a disk can cause.
        """
        return self.put(to_line(event))

    def put(self, line: bytes) -> bool:
        """The same for an event that is a line already."""
        with self._lock:
            segment = self._segment
            if segment and monotonic_ns() < self._next_look and segment.size < self.segment_bytes and not segment.torn:
                try:
                    # What `append` does, without the time of calling it.
                    written = os.write(segment.fd, line)
                    segment.size += written
                    if written != len(line):
                        segment.finish(line[written:])
                except OSError as error:
                    self._warn(error)
                else:
                    self.lines += 1
                    return True
            held = self._hold(line)
            self._drain()
            return held

    def flush(self) -> int:
        """Try once more to write what waits and what was counted; the number of lines still waiting."""
        with self._lock:
            self._drain()
            self._tell_news()
            return len(self._waiting)

    def open(self) -> None:
        """Begin a segment if there is none. Raises OSError when folder or disk refuses."""
        with self._lock:
            if self._segment is None:
                self._segment = self._create()

    def close(self) -> None:
        """Write what waits and give up the segment; a later event begins another."""
        with self._lock:
            self.flush()
            self._release()

    @property
    def path(self) -> Path | None:
        """The segment being written, if one was begun."""
        return self._segment.path if self._segment else None

    @property
    def waiting(self) -> int:
        """Lines that the disk has not taken yet."""
        return len(self._waiting)

    def _append(self, segment: Segment, line: bytes) -> None:
        self._looked_at(segment).append(line)

    def _looked_at(self, segment: Segment) -> Segment:
        """The segment, or a new one when it is full or somebody removed its file.

        Not done for every line: looking costs as much as writing.
        """
        self._next_look = monotonic_ns() + LOOK_EVERY_NS
        if segment.size < self.segment_bytes and not segment.removed():
            return segment
        self._release()
        self._segment = self._create()
        return self._segment

    def _create(self) -> Segment:
        header = process.describe(self.process_id)
        return create(self.folder, f"{header.host}-{header.boot_id[:8]}", to_line(header))

    def _release(self) -> None:
        if self._segment is not None:
            segment, self._segment = self._segment, None
            segment.close()

    def _hold(self, line: bytes) -> bool:
        if len(self._waiting) >= MOST_WAITING_LINES or self._waiting_bytes + len(line) > MOST_WAITING_BYTES:
            self.dropped += 1
            return False
        self._waiting.append(line)
        self._waiting_bytes += len(line)
        return True

    def _drain(self) -> None:
        """Write what waits, oldest first, into the present segment or, if that fails, a new one."""
        for attempt in (1, 2):
            done = 0
            try:
                if self._segment is None:
                    self._segment = self._create()
                for line in self._waiting:
                    self._append(self._segment, line)
                    done += 1
            except OSError as error:
                self._forget(done)
                self._warn(error)
                self._next_look = 0
                if attempt == 1:
                    self._abandon()
            else:
                self._forget(done)
                self._recovered()
                return

    def _abandon(self) -> None:
        """Leave a segment that takes no more; a fresh file may still fit, as when only this one is at its limit."""
        try:
            self._release()
        except OSError as error:
            self._warn(error)

    def _forget(self, done: int) -> None:
        if done:
            self.lines += done
            self._waiting_bytes -= sum(map(len, self._waiting[:done]))
            del self._waiting[:done]

    def _tell_news(self) -> None:
        if self._told_dropped != self.dropped or self._told_errors != self._guard.errors:
            self._tell()

    def _tell(self) -> None:
        totals = (self.dropped, self._guard.errors)
        loss = LossEvent(
            at_us=now_us(),
            process_id=self.process_id,
            dropped=totals[0],
            guarded_errors=totals[1],
            last_error=self._guard.last_error,
        )
        try:
            if self._segment is None:
                self._segment = self._create()
            self._append(self._segment, to_line(loss))
        except OSError as error:
            self._warn(error)
        else:
            self._told_dropped, self._told_errors = totals

    def _warn(self, error: OSError) -> None:
        if self._failing is None:
            logger.error(
                "Scalix cannot write to %s (%s); your calls are not affected. Up to %d events wait in memory until "
                "it works again.",
                self.folder,
                error,
                MOST_WAITING_LINES,
            )
        self._failing = str(error)

    def _recovered(self) -> None:
        if self._failing is not None:
            logger.warning("Scalix writes to %s again; %d events were dropped meanwhile", self.folder, self.dropped)
            self._failing = None
        self._tell_news()

    def after_fork(self) -> None:
        """In a forked child: leave the parent's segment and what waits for it to the parent, and begin anew."""
        inherited = self._segment
        self._begin()
        self._waiting, self._waiting_bytes, self._failing = [], 0, None
        self.dropped = self._told_dropped = self._told_errors = 0
        if inherited is not None:
            # Closing our copy of the descriptor leaves the parent's lock in place.
            os.close(inherited.fd)


def _after_fork() -> None:
    guard.after_fork()
    for spool in list(_living):
        spool.after_fork()


def _at_exit() -> None:
    for spool in list(_living):
        # Not closed: LiteLLM's own exit handlers may still deliver events after this one.
        spool.flush()


atexit.register(_at_exit)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
