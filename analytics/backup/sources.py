"""Which files belong in a backup, listed in the order that keeps them consistent while the hub works on.

Rows move from the spool into the archive and the lake, and there upwards from level to level; each is written where it
goes before it leaves where it was. Whoever lists in the direction of that movement never misses one: markers, then the
levels from the newest to the oldest, then the spool, then the archive. A row that is seen twice does no harm. Files are
opened as they are listed, so that one which is replaced later is still copied as it was.
"""

from __future__ import annotations

import os
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from analytics.intake import archive, segments
from analytics.lake import files as lake_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from scalix.folder import Folder

PEPPER = "pepper"
"""What the digests of gateway keys are made with."""
_ALONE = ("scalix.toml", PEPPER)
_RECEIVED = "received"
_TAIL = 64 * 1024


@dataclass(frozen=True)
class Source:
    """An open file to be copied up to ``size`` bytes; ``path`` is relative to the Scalix folder."""

    path: str
    file: BinaryIO
    size: int
    modified_ns: int


@contextmanager
def opened_sources(folder: Folder) -> Iterator[list[Source]]:
    """Everything but the control store, which SQLite has to copy itself, and the ledger, which the rest rebuilds."""
    with ExitStack() as stack:
        yield [source for path in _listed(folder) if (source := _opened(path, folder, stack)) is not None]


def _listed(folder: Folder) -> Iterator[Path]:
    """Lazily: each folder is listed only when everything of the one before has been opened."""
    lake = folder.lake
    yield from _files(lake / lake_files.SETTLED, "*")
    for level in lake_files.LEVELS:
        yield from _files(lake / level, "*.parquet")
    yield from _files(lake / lake_files.REPLACED, "*.parquet")
    yield from _files(lake / lake_files.TABLES, "*.parquet")
    yield from _files(folder.spool, f"*{segments.SUFFIX}")
    yield from _files(folder.archive, f"*{archive.SUFFIX}")
    yield from _files(folder.root / _RECEIVED, f"*{segments.SUFFIX}")
    yield from (folder.root / name for name in _ALONE)


def _files(folder: Path, pattern: str) -> Iterable[Path]:
    return sorted(folder.glob(pattern))


def _opened(path: Path, folder: Folder, stack: ExitStack) -> Source | None:
    try:
        file = stack.enter_context(path.open("rb", buffering=0))
    except FileNotFoundError:
        return None
    status = os.fstat(file.fileno())
    size = status.st_size if path.parent != folder.spool else _whole_lines(file.fileno(), status.st_size)
    return Source(str(path.relative_to(folder.root)), file, size, status.st_mtime_ns)


def _whole_lines(descriptor: int, size: int) -> int:
    """Without a line that is being written at this moment, which will be whole in the next backup."""
    for length in (min(size, _TAIL), size):
        end = os.pread(descriptor, length, size - length).rfind(b"\n") + 1
        if end:
            return size - length + end
    return 0
