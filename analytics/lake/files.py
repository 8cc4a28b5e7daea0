"""What lies where in the lake: levels of Parquet files, their markers, and how a file comes into being.

Rows enter the lake in ``seconds`` and are merged upwards, so that a level's files never overlap and each level begins
where the one above it ends. A file that was merged away is not removed but emptied, and its name is used again:
between listing a folder and opening its files a reader must not find one missing.

A query over the view reads the feet of all files while it is bound and goes by them to its end, whatever happens to a
file meanwhile, as long as the rows' bytes stand where they stood.
"""

from __future__ import annotations

import io
import os
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LEVELS = ("seconds", "tens", "minutes", "hours", "days")
"""From the newest rows to the oldest; each is named by the span that one of its files usually holds."""
REPLACED = "replaced"
"""Sequences of rows that a later version replaced, and the sequence from which that holds."""
SETTLED = "settled"
"""Empty files named ``<level>-<last>``: up to where readers may count on a level."""
TABLES = "tables"
"""Small tables, each one file, replaced whole."""
EMPTY = "empty.parquet"
"""Zero rows of the right types, so that a level without files can be read. Its name sorts before the others."""
MARKERS_KEPT = 8
"""A folder listed while markers come and go must still show one."""
_SMALL = "small"
"""What emptied files of a level become in the end; not named as one, since it need not be read itself."""
_DIGITS = 18


@dataclass(frozen=True, order=True)
class LakeFile:
    """One file and the first and last sequence in it."""

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


def refuse_folders(lake: Path) -> None:
    """Raises IsADirectoryError when a folder stands where a file belongs, which nothing could take the place of."""
    for path in (*lake.glob("*/*"), *lake.glob("*.duckdb")):
        if path.is_dir():
            raise IsADirectoryError(f"{path} is a folder")


def level_files(lake: Path, level: str) -> list[LakeFile]:
    """The files of one level that hold rows, by ascending range."""
    found = [(path, _range_of(path)) for path in (lake / level).glob("part-*.parquet")]
    return sorted(LakeFile(*held, path) for path, held in found if held is not None)


def emptied_files(lake: Path) -> list[Path]:
    """Files without rows that have not given back their bytes."""
    folders = [lake / name for name in (*LEVELS, REPLACED)]
    files = (path for folder in folders for path in folder.glob("part-*.parquet"))
    return [path for path in files if _is_full(path) and _range_of(path) is None]


def free_path(folder: Path) -> Path:
    """The first name in a folder under which no rows stand, and none that a query may still be reading."""
    number = 0
    while (path := folder / f"part-{number:04d}.parquet").exists() and _is_full(path):
        number += 1
    return path


def empty(path: Path) -> None:
    """Take the rows out of a file that readers pass over, yet leave its bytes where they are.

    A query opens a file twice: for its footer, then for the rows the footer tells of. One that has read the old
    footer must still find those rows, so a footer that tells of none is put behind them.
    """
    temporary = path.with_name(path.name + ".tmp")
    temporary.write_bytes(path.read_bytes() + _footer(_without_rows(path.parent)))
    temporary.chmod(0o600)
    temporary.replace(path)


def shrink(path: Path) -> None:
    """Give back the bytes of an emptied file, unless its name holds rows again."""
    if _range_of(path) is None:
        temporary = path.with_name(path.name + ".tmp")
        os.link(_small_file(path.parent), temporary)
        temporary.replace(path)


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
        synchronise(temporary)
        temporary.replace(path)
        synchronise(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def _is_full(path: Path) -> bool:
    """Whether a file has the bytes of rows, even if its foot no longer tells of them."""
    return path.stat().st_size > len(_without_rows(path.parent))


def _without_rows(folder: Path) -> bytes:
    """A Parquet file without a row for this folder. Of a level's it has one column: each costs every query time."""
    return _sequence_alone() if folder.name in LEVELS else (folder / EMPTY).read_bytes()


def _small_file(folder: Path) -> Path:
    """The same as a file, for many names to share."""
    if folder.name not in LEVELS:
        return folder / EMPTY
    small = folder / _SMALL
    if not small.exists():
        with written_whole(small) as path:
            path.write_bytes(_sequence_alone())
    return small


@cache
def _sequence_alone() -> bytes:
    sink = io.BytesIO()
    # Every other way to an empty table imports pandas, for a second in which ingest and lake stand still.
    pq.write_table(pa.Table.from_batches([], pa.schema([("seq", pa.int64())])), sink, store_schema=False)
    return sink.getvalue()


def _footer(content: bytes) -> bytes:
    """The end of a Parquet file: its metadata, their length in four bytes, and the magic number."""
    return content[-(int.from_bytes(content[-8:-4], "little") + 8) :]


def _range_of(path: Path) -> tuple[int, int] | None:
    status = path.stat()
    return _range_in_footer(path, status.st_ino, status.st_mtime_ns)


@lru_cache(maxsize=4096)
def _range_in_footer(path: Path, _inode: int, _modified_ns: int) -> tuple[int, int] | None:
    """The least and the greatest value of the first column, which is the sequence. None without rows."""
    metadata = pq.read_metadata(path)
    groups = (metadata.row_group(number).column(0).statistics for number in range(metadata.num_row_groups))
    bounds: list[Any] = [bound for one in groups if one is not None for bound in (one.min, one.max)]
    return (min(bounds), max(bounds)) if bounds else None


def _markers(lake: Path) -> list[Path]:
    return list((lake / SETTLED).glob("*-[0-9]*"))


def _marked(path: Path) -> tuple[str, int]:
    level, _, last = path.name.partition("-")
    return level, int(last)


def synchronise(path: Path) -> None:
    """Have a file or folder on disk before going on."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
