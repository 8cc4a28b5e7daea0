"""From payloads to a frame of attempt events and structs of the rare kinds, with what could not be decoded.

Polars decodes in bulk. It has two weaknesses that single lines are kept from it for: it overruns its stack on JSON
nested some thousand levels deep, and it turns half a surrogate pair into NUL.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

import msgspec
import polars as pl
from polars.exceptions import PolarsError

from analytics.intake.lines import LONGEST_LINE, Lines, Rejected
from scalix.events import AttemptEvent, AttemptKind, RareEvent
from scalix.times import MICROSECONDS

if TYPE_CHECKING:
    from collections.abc import Callable

KINDS: tuple[str, ...] = get_args(AttemptKind)
_TEXT_LISTS = {"tags", "flags"}
_HARMLESS_BYTES = 1500
"""Each level of nesting takes a byte; Polars stands 2,000 levels."""
_EARLIEST_US = 946_684_800 * MICROSECONDS
_LATEST_US = 7_258_118_400 * MICROSECONDS

_as_attempt = msgspec.json.Decoder(AttemptEvent).decode
_as_rare: Callable[[bytes], RareEvent] = msgspec.json.Decoder(RareEvent).decode


def _column_type(field: msgspec.inspect.Field) -> pl.DataType | type[pl.DataType]:
    if field.name in _TEXT_LISTS:
        return pl.List(pl.String)
    kinds = {type(part) for part in getattr(field.type, "types", (field.type,))}
    if msgspec.inspect.IntType in kinds:
        return pl.Int64
    return pl.Boolean if msgspec.inspect.BoolType in kinds else pl.String


def _fields() -> tuple[msgspec.inspect.Field, ...]:
    described = msgspec.inspect.type_info(AttemptEvent)
    assert isinstance(described, msgspec.inspect.StructType)  # noqa: S101 - narrows the type
    return described.fields


EVENT_SCHEMA = pl.Schema({field.name: _column_type(field) for field in _fields()})


@dataclass(frozen=True)
class Decoded:
    """The events of one chunk: attempt events as a frame of ``EVENT_SCHEMA``, the rare ones as structs."""

    attempts: pl.DataFrame
    rare: list[RareEvent]
    rejected: list[Rejected]


def decode(lines: Lines, segment: str) -> Decoded:
    """Decode all good lines; one that cannot be decoded is set apart and takes no other along."""
    rejected = list(lines.rejected)
    offsets, payloads = _without_traps(lines, segment, rejected)
    frames = list(_frames(offsets, payloads, segment, rejected))
    rare = [event for offset, payload in lines.rare if (event := _rare(offset, payload, segment, rejected))]
    attempts = pl.concat(frames) if frames else pl.DataFrame(schema=EVENT_SCHEMA)
    return Decoded(attempts, rare, rejected)


def _without_traps(lines: Lines, segment: str, rejected: list[Rejected]) -> tuple[list[int], list[bytes]]:
    if not lines.half_surrogates and all(len(payload) < _HARMLESS_BYTES for payload in lines.attempts):
        return lines.offsets, lines.attempts
    kept = []
    for offset, payload in zip(lines.offsets, lines.attempts, strict=True):
        reason = _fault(payload) if _is_trap(payload) else None
        if reason:
            rejected.append(Rejected(segment, offset, reason, payload))
        else:
            kept.append((offset, payload))
    return [offset for offset, _ in kept], [payload for _, payload in kept]


def _is_trap(payload: bytes) -> bool:
    if b"\\ud" in payload:
        return True
    return len(payload) >= _HARMLESS_BYTES and payload.count(b"[") + payload.count(b"{") >= _HARMLESS_BYTES


def _fault(payload: bytes) -> str | None:
    try:
        _as_attempt(payload)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        return str(error)
    return None


def _frames(offsets: list[int], payloads: list[bytes], segment: str, rejected: list[Rejected]) -> list[pl.DataFrame]:
    """Decode all payloads at once; where that fails, halve until the faulty lines stand alone."""
    if not payloads:
        return []
    try:
        return [_checked(_parse(payloads), offsets, payloads, segment, rejected)]
    except (PolarsError, ValueError) as error:
        if len(payloads) == 1:
            reason = _fault(payloads[0]) or str(error)
            rejected.append(Rejected(segment, offsets[0], reason, payloads[0]))
            return []
    middle = len(payloads) // 2
    return [
        *_frames(offsets[:middle], payloads[:middle], segment, rejected),
        *_frames(offsets[middle:], payloads[middle:], segment, rejected),
    ]


def _parse(payloads: list[bytes]) -> pl.DataFrame:
    frame = pl.read_ndjson(b"\n".join(payloads), schema=EVENT_SCHEMA)
    if frame.height != len(payloads):
        raise ValueError("not one JSON object")
    return frame


def _checked(
    frame: pl.DataFrame, offsets: list[int], payloads: list[bytes], segment: str, rejected: list[Rejected]
) -> pl.DataFrame:
    """Leave out events that decode but cannot be: an unknown kind, no identity, a moment outside 2000 to 2199."""
    moments = pl.col("started_us", "at_us").is_between(_EARLIEST_US, _LATEST_US)
    possible = pl.all_horizontal(pl.col("kind").is_in(KINDS), pl.col("call_id").is_not_null(), moments)
    good = frame.select(possible.fill_null(value=False)).to_series()
    if good.all():
        return frame
    for row in (~good).arg_true():
        reason = _fault(payloads[row]) or "a moment outside 2000 to 2199"
        rejected.append(Rejected(segment, offsets[row], reason, payloads[row][:LONGEST_LINE]))
    return frame.filter(good)


def _rare(offset: int, payload: bytes, segment: str, rejected: list[Rejected]) -> RareEvent | None:
    try:
        return _as_rare(payload)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        rejected.append(Rejected(segment, offset, str(error), payload))
        return None
