"""Segments: every line of the spool and of the archive against its checksum."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from analytics.intake import archive, segments
from analytics.intake.lines import Rejected, split
from analytics.integrity.damage import Checked, Damage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from analytics.intake.segments import Chunk, Segment
    from scalix.folder import Folder

AT_ONCE = 16 * 2**20
MOST_NAMED = 20
"""Bad lines of one segment that are named; the rest is a number."""


def check_segments(folder: Folder, note: Callable[[int], None] = lambda _: None) -> Checked:
    """Read every line there is. ``note`` is told of each file's size in bytes as it is done."""
    lines = 0
    damage: list[Damage] = []
    found = segments.discover(folder.spool)
    archived = sorted(folder.archive.glob(f"*{archive.SUFFIX}"))
    for segment in found:
        good, rejected = _counted(_chunks(segment))
        lines += good
        damage += _named(f"{folder.spool.name}/{segment.name}", rejected)
        note(segment.size)
    for path in archived:
        good, problems = check_archived(path, folder)
        lines += good
        damage += problems
        note(path.stat().st_size)
    counted = {"segments": len(found), "archived": len(archived), "lines": lines}
    return Checked("segments", counted, tuple(damage))


def check_archived(path: Path, folder: Folder) -> tuple[int, list[Damage]]:
    """Good lines of one archived segment, and what is wrong with it."""
    name = f"{folder.archive.name}/{path.name}"
    try:
        segment_name, size = archive.origin(path)
        with pa.CompressedInputStream(str(path), "zstd") as source:
            content = source.read()
    except (OSError, ValueError, pa.ArrowException) as error:
        return 0, [Damage("segments", name, f"cannot be unpacked: {error}")]
    if len(content) != size:
        return 0, [Damage("segments", name, f"holds {len(content)} bytes, its name says {size}")]
    whole = segments.Segment(path, size, 0, None, held=False)
    good, rejected = _counted(iter([segments.Chunk(whole, 0, size, content)]))
    return good, _named(f"{name} ({segment_name})", rejected)


def _chunks(segment: Segment) -> Iterator[Chunk]:
    start = 0
    while (chunk := segments.read(segment, start, AT_ONCE)) is not None:
        yield chunk
        start = chunk.end


def _counted(chunks: Iterator[Chunk]) -> tuple[int, list[Rejected]]:
    good, rejected = 0, []
    for chunk in chunks:
        lines = split(chunk)
        good += len(lines.attempts) + len(lines.rare)
        rejected += lines.rejected
    return good, rejected


def _named(file: str, rejected: list[Rejected]) -> list[Damage]:
    named = [Damage("segments", file, f"byte {one.byte_offset}: {one.reason}") for one in rejected[:MOST_NAMED]]
    rest = len(rejected) - len(named)
    return [*named, *([Damage("segments", file, f"{rest} more lines like these")] if rest else [])]
