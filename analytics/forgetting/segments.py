"""Takes a person out of segments. Every line keeps its length, so what was read of a segment stays what was read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zlib import crc32

import msgspec
import pyarrow as pa

from scalix.errors import SpoolError
from scalix.events import LINE_VERSION, payload_of

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from analytics.forgetting.names import Person

CONTENT = ("prompt", "answer", "metadata", "session_id")
"""What a person said, was answered and sent along."""
IDENTITY = ("user_id", "end_user")


def forget_in_spool(path: Path, person: Person, calls: Collection[str], *, erase: bool) -> int:
    """Change the lines of a segment in place; its writer may go on appending. Returns how many lines."""
    changed = offset = 0
    with path.open("r+b") as file:
        for line in path.read_bytes().splitlines(keepends=True):
            new = without(line, person, calls, erase=erase)
            if new != line:
                file.seek(offset)
                file.write(new)
                changed += 1
            offset += len(line)
    return changed


def forget_in_archive(path: Path, person: Person, calls: Collection[str], *, erase: bool) -> int:
    """Write an archived segment anew. Returns how many lines changed."""
    with pa.CompressedInputStream(str(path), "zstd") as source:
        lines = source.read().splitlines(keepends=True)
    new = [without(line, person, calls, erase=erase) for line in lines]
    changed: int = sum(one != other for one, other in zip(lines, new, strict=True))
    if changed:
        unfinished = path.with_suffix(".tmp")
        with pa.CompressedOutputStream(str(unfinished), "zstd") as packed:
            packed.write(b"".join(new))
        unfinished.chmod(0o600)
        unfinished.replace(path)
    return changed


def without(line: bytes, person: Person, calls: Collection[str], *, erase: bool) -> bytes:
    """The line without the person, as long as it was. One that cannot be read has the name replaced."""
    try:
        event = msgspec.json.decode(payload_of(line))
    except (ValueError, msgspec.DecodeError):
        return person.hide(line)
    theirs = isinstance(event, dict) and (_is_of(event, person) or event.get("call_id") in calls)
    if not theirs and not person.is_in(line):
        return line
    if theirs:
        event = {name: value for name, value in event.items() if name not in _gone(erase=erase)}
    payload = person.hide(msgspec.json.encode(event))
    room = len(line) - len(line[:11]) - line.endswith(b"\n")
    if len(payload) > room:
        raise SpoolError(f"a line of {len(line)} bytes would grow; nothing of this segment was changed")
    padded = payload.ljust(room)
    return b"%d %08x %b" % (LINE_VERSION, crc32(padded), padded) + line[11 + room :]


def _is_of(event: dict[str, Any], person: Person) -> bool:
    return any(event.get(name) == person.name for name in IDENTITY)


def _gone(*, erase: bool) -> tuple[str, ...]:
    return (*CONTENT, *IDENTITY) if erase else CONTENT
