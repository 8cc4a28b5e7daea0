"""An exclusive lock on an open file, held until the descriptor is closed or the process dies."""

from __future__ import annotations

import sys

if sys.platform == "win32":
    import msvcrt
    import os

    # Windows locks forbid reading the locked bytes, so the lock lies where no segment ever reaches.
    _FAR_AWAY = 2**40

    def lock(fd: int) -> None:
        """Lock the file without waiting. Raises OSError when another process holds it."""
        position = os.lseek(fd, 0, os.SEEK_CUR)
        os.lseek(fd, _FAR_AWAY, os.SEEK_SET)
        msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        os.lseek(fd, position, os.SEEK_SET)
else:
    import fcntl

    def lock(fd: int) -> None:
        """Lock the file without waiting. Raises OSError when another process holds it."""
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
