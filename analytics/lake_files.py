"""What lies where in the lake: levels of immutable Parquet files, their markers, and how a file comes into being.

A file's name is the range of ingest sequence it covers. Rows enter the lake in ``seconds`` and are merged upwards, so
that a level's files never overlap and each level begins where the one above it ends.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LEVELS = ("seconds", "minutes", "hours", "days")
"""From the newest rows to the oldest; each is named by the span that one of its files usually holds."""
REPLACED = "replaced"
"""Sequences of rows that a later version replaced, and the sequence from which that holds."""
SETTLED = "settled"
"""Empty files named ``<level>-<last>``: up to where readers may count on a level."""
TABLES = "tables"
"""Small tables, each one file, replaced whole."""
EMPTY = "empty.parquet"
"""Zero rows of the right types, so that a level without files can be read."""
MARKERS_KEPT = 8
"""A folder listed while markers come and go must still show one."""
_DIGITS = 18


@dataclass(frozen=True, order=True)
class LakeFile:
    """One immutable file and the sequences it covers, both ends included."""

    first: int
    last: int
    path: Path


def make_folders(lake: Path) -> None:
    """Create the lake's folders and clear what a crash left half written."""
    for name in (*LEVELS, REPLACED, SETTLED, TABLES):
        folder = lake / name
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for leftover in folder.glob("*.tmp"):
            leftover.unlink(missing_ok=True)


def level_files(lake: Path, level: str) -> list[LakeFile]:
    """The files of one level by ascending range."""
    return sorted(LakeFile(*map(int, path.stem.split("-")), path) for path in (lake / level).glob("[0-9]*-*.parquet"))


def range_path(lake: Path, level: str, first: int, last: int) -> Path:
    """Where the file of this range belongs."""
    return lake / level / f"{first:0{_DIGITS}d}-{last:0{_DIGITS}d}.parquet"


def published_to(lake: Path) -> int:
    """The last sequence that stands in any file; -1 for an empty lake."""
    return max((file.last for level in LEVELS for file in level_files(lake, level)), default=-1)


def settled_to(lake: Path, *levels: str) -> int:
    """Up to which sequence the markers of these levels reach; -1 without any."""
    return max((_marked(path)[1] for path in _markers(lake) if _marked(path)[0] in levels), default=-1)


def mark_settled(lake: Path, level: str, last: int) -> None:
    """Let readers count on a level up to this sequence."""
    (lake / SETTLED / f"{level}-{last:0{_DIGITS}d}").touch(mode=0o600)
    mine = sorted(path for path in _markers(lake) if _marked(path)[0] == level)
    for path in mine[:-MARKERS_KEPT]:
        path.unlink(missing_ok=True)


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """A temporary path to write; the file appears under its name complete and on disk, or not at all."""
    temporary = path.with_name(path.name + ".tmp")
    try:
        yield temporary
        temporary.chmod(0o600)
        _synchronise(temporary)
        temporary.replace(path)
        _synchronise(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def _markers(lake: Path) -> list[Path]:
    return list((lake / SETTLED).glob("*-[0-9]*"))


def _marked(path: Path) -> tuple[str, int]:
    level, _, last = path.name.partition("-")
    return level, int(last)


def _synchronise(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
