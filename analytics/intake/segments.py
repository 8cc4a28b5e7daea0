"""The spool as a reader sees it: which segments there are, who still writes them, and the bytes not read yet."""

from __future__ import annotations

import fcntl
import os
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from scalix.events import ProcessEvent, payload_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SUFFIX = ".seg"
_HEADER_BYTES = 8192
_TAIL_BYTES = 64 * 1024
_as_process = msgspec.json.Decoder(ProcessEvent).decode


@dataclass(frozen=True)
class Segment:
    """One file of the spool at one moment."""

    path: Path
    size: int
    modified_us: int
    header: ProcessEvent | None
    """Who writes it; None when the first line is not whole or not ours."""
    held: bool
    """Its writer lives: the lock is taken. Always so on file systems without locks."""

    @property
    def name(self) -> str:
        """The name under which the ledger remembers how far the segment was read."""
        return self.path.name

    @property
    def process_id(self) -> str | None:
        """The life of the process that writes it."""
        return self.header.process_id if self.header else None


@dataclass(frozen=True)
class Chunk:
    """Whole lines of one segment, from ``start`` up to ``end`` (bytes)."""

    segment: Segment
    start: int
    end: int
    data: bytes


def discover(spool: Path) -> list[Segment]:
    """The segments of the spool, oldest first, so that a process' events come in the order it wrote them."""
    try:
        entries = [entry for entry in os.scandir(spool) if entry.name.endswith(SUFFIX)]
    except FileNotFoundError:
        return []
    found = [segment for entry in entries if (segment := _inspect(spool / entry.name)) is not None]
    return sorted(found, key=lambda segment: (segment.header.at_us if segment.header else 0, segment.name))


def _inspect(path: Path) -> Segment | None:
    """None when it is gone, not a file, or closed to us: a foreign thing in the folder harms nobody."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        # The lock first: what a writer adds before it dies must not be missing from the size of a finished segment.
        held = _is_held(descriptor)
        status = os.fstat(descriptor)
        header = _header(os.pread(descriptor, _HEADER_BYTES, 0))
        return Segment(path, status.st_size, status.st_mtime_ns // 1000, header, held)
    finally:
        os.close(descriptor)


def _header(start: bytes) -> ProcessEvent | None:
    line, newline, _ = start.partition(b"\n")
    if not newline:
        return None
    try:
        return _as_process(payload_of(line))
    except (ValueError, RecursionError):
        return None


def _is_held(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    fcntl.flock(descriptor, fcntl.LOCK_UN)
    return False


def read(segment: Segment, start: int, limit: int, *, in_pieces: bool = True) -> Chunk | None:
    """At most ``limit`` bytes of whole lines from ``start`` on; None when there is no whole line yet.

    What follows the last newline waits for its end while the writer lives. Once it is gone, the rest is a line of
    its own. A single line longer than ``limit`` is handed out in pieces, which the checksum then refuses, unless
    ``in_pieces`` is false, as it must be when ``limit`` is only what others have left.
    """
    wanted = min(segment.size - start, limit)
    if wanted <= 0:
        return None
    with segment.path.open("rb", buffering=0) as file:
        rest_is_whole = not segment.held and start + wanted >= segment.size
        length = wanted if rest_is_whole else _whole_lines(file.fileno(), start, wanted)
        waits = segment.held and wanted < limit
        if length == 0 and (waits or not in_pieces):
            return None
        data = os.pread(file.fileno(), length or wanted, start)
    return Chunk(segment, start, start + len(data), data)


def _whole_lines(descriptor: int, start: int, wanted: int) -> int:
    """How many of these bytes are whole lines. Looked up at their end first, so that no large read has to be cut."""
    for first in (max(wanted - _TAIL_BYTES, 0), 0):
        end = os.pread(descriptor, wanted - first, start + first).rfind(b"\n") + 1
        if end:
            return first + end
    return 0


def make_durable(segments: list[Segment]) -> None:
    """Push to the disk what live writers left with the kernel; they never wait for it themselves."""
    sync = getattr(os, "fdatasync", os.fsync)
    for descriptor in _opened(segments):
        sync(descriptor)


def _opened(segments: list[Segment]) -> Iterator[int]:
    for segment in segments:
        try:
            descriptor = os.open(segment.path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            continue
        try:
            yield descriptor
        finally:
            os.close(descriptor)
