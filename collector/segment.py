"""One append-only file on the spool, written by one process, whole lines at a time."""

from __future__ import annotations

import errno
import os
import secrets
import sys
from typing import TYPE_CHECKING

from .locking import lock

if TYPE_CHECKING:
    from pathlib import Path

_FLAGS = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


class Segment:
    """An open segment. ``size`` is in bytes; after a line was written only in part, ``torn`` is set."""

    __slots__ = ("fd", "path", "size", "torn")

    def __init__(self, path: Path, fd: int, size: int) -> None:
        self.path = path
        self.fd = fd
        self.size = size
        self.torn = False

    def append(self, line: bytes) -> None:
        """Write one line. Raises OSError when it did not get there whole; then it has to be written again."""
        if self.torn:
            # Ends the torn line, so that it does not take this one along.
            line = b"\n" + line
        written = os.write(self.fd, line)
        self.size += written
        if self.torn or written != len(line):
            self.finish(line[written:])

    def finish(self, rest: bytes) -> None:
        """Write what is left of a line of which a part got there. Raises OSError as `append` does."""
        self.torn = True
        while rest:
            written = os.write(self.fd, rest)
            self.size += written
            rest = rest[written:]
        self.torn = False

    def removed(self) -> bool:
        """Whether somebody deleted the file, so that what is written to it would vanish."""
        return os.fstat(self.fd).st_nlink == 0

    def close(self) -> None:
        """Close the file, which also gives up its lock."""
        os.close(self.fd)


def create(spool: Path, stem: str, header: bytes) -> Segment:
    """A new locked segment with its header line, appearing under its final name only when both are in place.

    Raises OSError when the folder or the disk refuses.
    """
    # A mode given together with ``parents`` holds for the last folder alone.
    for folder in (spool.parent, spool):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    final = spool / f"{stem}-{secrets.token_hex(8)}.seg"
    # Windows cannot rename an open file.
    path = final if sys.platform == "win32" else final.with_suffix(".seg.tmp")
    fd = os.open(path, _FLAGS, 0o600)
    try:
        _lock(fd)
        segment = Segment(final, fd, 0)
        segment.append(header)
        if path != final:
            path.rename(final)
    except OSError:
        os.close(fd)
        path.unlink(missing_ok=True)
        raise
    return segment


def _lock(fd: int) -> None:
    try:
        lock(fd)
    except OSError as error:
        # File systems without locks exist; the segment is as good without one, only found finished sooner.
        if error.errno not in {errno.ENOTSUP, errno.ENOSYS, errno.ENOLCK, errno.EINVAL}:
            raise
