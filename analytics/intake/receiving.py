"""Taking in segments that `scalix ship` sends: append-only, by offset, so that sending again changes nothing.

While a segment is being sent the hub holds its lock, as the collector that wrote it would: ingest then waits for more
instead of putting it away. What was received is on disk before it is acknowledged.
"""

from __future__ import annotations

import fcntl
import os
import re
import threading
from dataclasses import dataclass, field
from pathlib import Path  # noqa: TC003 - msgspec reads no annotation here, dataclass fields do

import msgspec

from analytics.intake import archive
from scalix.errors import SpoolError
from scalix.folder import Folder  # noqa: TC001 - same
from scalix.store.ledger import make_private

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}\.seg")


class SegmentState(msgspec.Struct, frozen=True):
    """What is remembered of a sent segment; its size once it is complete."""

    final_size: int | None = None


class OffsetError(SpoolError):
    """The sender is ahead of what has been received; ``size`` is where it must go on."""

    def __init__(self, name: str, size: int) -> None:
        super().__init__(f"{name} has been received up to byte {size}; send from there")
        self.size = size


@dataclass
class Receiver:
    """The segments being received by this hub. Safe to share between threads."""

    folder: Folder
    _held: dict[str, int] = field(default_factory=dict)
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def start(self) -> None:
        """Hold again what was being sent when the hub last stopped. Call it before the first ingest."""
        make_private(self.folder.spool)
        make_private(self._states)
        for path in self._states.glob("*.seg"):
            if self._state(path.name) == SegmentState():
                self._hold(path.name)

    def append(self, name: str, offset: int, data: bytes, *, final: bool) -> int:
        """Add bytes that begin at ``offset``; what is there already is skipped. Returns the size received so far.

        Raises SpoolError for a name that is none of ours, OffsetError when bytes in between are missing.
        """
        if not _NAME.fullmatch(name):
            raise SpoolError(f"{name!r} is not the name of a segment")
        with self._guard:
            state = self._state(name)
            if state is not None and state.final_size is not None:
                return state.final_size
            descriptor = self._held.get(name) or self._create(name)
            size = os.fstat(descriptor).st_size
            if offset > size:
                raise OffsetError(name, size)
            size += _write(descriptor, data[size - offset :])
            if final:
                self._finish(name, size)
            return size

    def close(self) -> None:
        """Let go of all locks; `start` of the next hub takes them again."""
        with self._guard:
            for descriptor in self._held.values():
                os.close(descriptor)
            self._held.clear()

    @property
    def _states(self) -> Path:
        return self.folder.root / "received"

    def _state(self, name: str) -> SegmentState | None:
        try:
            return msgspec.json.decode((self._states / name).read_bytes(), type=SegmentState)
        except FileNotFoundError:
            return None

    def _note(self, name: str, state: SegmentState) -> None:
        temporary = self._states / f"{name}.tmp"
        temporary.write_bytes(msgspec.json.encode(state))
        temporary.replace(self._states / name)

    def _create(self, name: str) -> int:
        if (self.folder.spool / name).exists():
            raise SpoolError(f"{name} is being written on this machine; it needs no sending")
        (self.folder.spool / name).touch(mode=0o600, exist_ok=False)
        self._note(name, SegmentState())
        return self._hold(name)

    def _hold(self, name: str) -> int:
        path = self.folder.spool / name
        archived = self.folder.archive / f"{name}.zst"
        if not path.exists() and archived.exists():
            archive.restore(archived, self.folder.spool)
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        self._held[name] = descriptor
        return descriptor

    def _finish(self, name: str, size: int) -> None:
        self._note(name, SegmentState(final_size=size))
        os.close(self._held.pop(name))


def _write(descriptor: int, data: bytes) -> int:
    """All of it, and on disk. A short write that then fails leaves a prefix, which the next offset accounts for."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
    os.fsync(descriptor)
    return len(data)
