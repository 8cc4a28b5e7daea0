"""Puts foreign events on the spool, durably, in segments like a collector's: the spool is the only way in."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from collector import process
from collector.segment import Segment, create
from scalix.errors import SpoolError
from scalix.events import to_line

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from scalix.events import Event

SEGMENT_BYTES = 32 * 2**20


@dataclass
class Depositor:
    """Segments of one writer, begun when needed. Safe to share between threads."""

    spool: Path
    process_id: str = field(default_factory=process.new_process_id)
    _segment: Segment | None = None
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def put(self, events: Iterable[Event]) -> int:
        """Write the events; once it returns they are on disk. Returns how many. Raises SpoolError."""
        written = 0
        with self._guard:
            try:
                for event in events:
                    self._append(to_line(event))
                    written += 1
                if self._segment is not None:
                    os.fsync(self._segment.fd)
            except OSError as error:
                raise SpoolError(f"nothing can be written to {self.spool}: {error}") from error
        return written

    def close(self) -> None:
        """End the segment: ingest takes the rest and puts it away."""
        with self._guard:
            self._end()

    def _append(self, line: bytes) -> None:
        segment = self._segment
        if segment is None or segment.size >= SEGMENT_BYTES or segment.removed():
            self._end()
            header = to_line(process.describe(self.process_id))
            segment = self._segment = create(self.spool, f"{process.host()}-{process.boot_id()[:8]}", header)
        segment.append(line)

    def _end(self) -> None:
        if self._segment is not None:
            os.fsync(self._segment.fd)
            self._segment.close()
            self._segment = None
