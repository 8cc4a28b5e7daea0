"""From the bytes of a segment to payloads that passed their checksum, and the lines that did not, with the reason."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, get_args
from zlib import crc32

from scalix.events import RareEvent, payload_of

if TYPE_CHECKING:
    from analytics.intake.segments import Chunk

LONGEST_LINE = 4 * 1024 * 1024
RARE = tuple(b'{"kind":"%b"' % str(event.__struct_config__.tag).encode() for event in get_args(RareEvent))
"""How the payloads begin that are not about one attempt."""


@dataclass(frozen=True)
class Rejected:
    """A line that could not be read."""

    segment: str
    byte_offset: int
    reason: str
    line: bytes


@dataclass
class Lines:
    """What the lines of one chunk hold; ``offsets`` go with ``attempts``, payload by payload."""

    half_surrogates: bool = False
    """Some line may hold half a surrogate pair."""
    attempts: list[bytes] = field(default_factory=list)
    offsets: list[int] = field(default_factory=list)
    rare: list[tuple[int, bytes]] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)


def split(chunk: Chunk) -> Lines:
    """Check every line of a chunk. Empty lines are nothing: a writer begins with one after a short write."""
    found = Lines(half_surrogates=b"\\ud" in chunk.data)
    keep, keep_offset = found.attempts.append, found.offsets.append
    offset = chunk.start
    for line in chunk.data.split(b"\n"):
        payload = line[11:]
        length = len(line)
        if line[:11] == b"1 %08x " % crc32(payload) and length <= LONGEST_LINE:
            if payload.startswith(RARE):
                found.rare.append((offset, payload))
            else:
                keep(payload)
                keep_offset(offset)
        elif line:
            found.rejected.append(_refuse(chunk.segment.name, offset, line))
        offset += length + 1
    return found


def _refuse(segment: str, offset: int, line: bytes) -> Rejected:
    if len(line) > LONGEST_LINE:
        return Rejected(segment, offset, "oversize", line)
    if not line.strip(b"\0"):
        return Rejected(segment, offset, "zeros", line)
    try:
        payload_of(line)
    except ValueError as error:
        return Rejected(segment, offset, str(error), line)
    return Rejected(segment, offset, "checksum not in eight lower-case digits", line)
