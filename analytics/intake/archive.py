"""Finished segments are kept, compressed and capped, so that a lost ledger can be rebuilt from them.

They are named ``<segment>.<bytes>.zst``, so that it shows without unpacking whether a ledger has read all of one.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pyarrow as pa

from scalix.store.ledger import make_private

if TYPE_CHECKING:
    from pathlib import Path

    from analytics.intake.segments import Segment

SUFFIX = ".zst"


def put_away(finished: list[Segment], archive: Path, most_bytes: int) -> int:
    """Compress segments that have been read to their end into the archive and drop the oldest beyond its limit."""
    for segment in finished:
        make_private(archive)
        _compress(segment.path, archive / f"{segment.name}.{segment.size}{SUFFIX}")
        segment.path.unlink(missing_ok=True)
    if finished:
        prune(archive, most_bytes)
    return len(finished)


def prune(archive: Path, most_bytes: int) -> int:
    """Remove the oldest archived segments until the rest fits ``most_bytes``; returns how many went."""
    kept = sorted(archive.glob(f"*{SUFFIX}"), key=lambda path: path.stat().st_mtime_ns)
    total = sum(path.stat().st_size for path in kept)
    removed = 0
    while kept and total > most_bytes:
        oldest = kept.pop(0)
        total -= oldest.stat().st_size
        oldest.unlink()
        removed += 1
    return removed


def origin(archived: Path) -> tuple[str, int]:
    """The name and the size that an archived segment had; both are in its name."""
    name, _, size = archived.name.removesuffix(SUFFIX).rpartition(".")
    return name, int(size)


def restore(archived: Path, spool: Path) -> Path:
    """Unpack an archived segment into a spool folder under its own name."""
    target = spool / origin(archived)[0]
    with pa.CompressedInputStream(str(archived), "zstd") as source, target.open("wb") as file:
        shutil.copyfileobj(source, file)
    return target


def _compress(path: Path, target: Path) -> None:
    """Under a temporary name first: an archived segment is always a whole one."""
    unfinished = target.with_suffix(".tmp")
    with path.open("rb") as source, pa.CompressedOutputStream(str(unfinished), "zstd") as packed:
        shutil.copyfileobj(source, packed)
    unfinished.replace(target)
