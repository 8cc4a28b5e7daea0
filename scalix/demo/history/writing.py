"""Puts the history on the spool, in segments of the form that collectors write."""

from __future__ import annotations

from datetime import timedelta
from itertools import islice
from random import Random
from typing import TYPE_CHECKING
from uuid import UUID

from collector.segment import create
from scalix.demo.history.arrivals import DAYS, arrivals
from scalix.demo.history.price_change import former_prices
from scalix.demo.history.requests import request_events
from scalix.events import ProcessEvent, to_line
from scalix.times import to_us

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

REQUESTS = 50_000
HOST = "demo-history"
LINES_AT_ONCE = 4096
EVENTS_PER_SEGMENT = 60_000
NO_BOOT = "0" * 32


def history_lines(end: datetime, *, seed: int = 42, requests: int = REQUESTS) -> Iterator[bytes]:
    """The month before ``end`` as spool lines. The same seed, end and size give the same lines."""
    rng = Random(seed)  # noqa: S311 - a demo's dice, not a secret
    yield from map(to_line, former_prices(end))
    for at, feature, person in arrivals(end, requests, rng):
        yield from map(to_line, request_events(at, feature, person, end, rng))


def write_history(spool: Path, end: datetime, *, seed: int = 42, requests: int = REQUESTS) -> int:
    """Writes the month before ``end`` into segments of a spool and gives the number of events."""
    lines = history_lines(end, seed=seed, requests=requests)
    events = 0
    for number in range(1_000_000):
        written = _write_segment(spool, _header(end, seed, number), islice(lines, EVENTS_PER_SEGMENT))
        events += written
        if written < EVENTS_PER_SEGMENT:
            break
    return events


def _write_segment(spool: Path, header: ProcessEvent, lines: Iterator[bytes]) -> int:
    segment = create(spool, f"{HOST}-{NO_BOOT[:8]}", to_line(header))
    written = 0
    try:
        while block := list(islice(lines, LINES_AT_ONCE)):
            segment.append(b"".join(block))
            written += len(block)
    finally:
        segment.close()
    return written


def _header(end: datetime, seed: int, number: int) -> ProcessEvent:
    return ProcessEvent(
        at_us=to_us(end - timedelta(days=DAYS)),
        process_id=str(UUID(int=seed << 64 | number, version=4)),
        host=HOST,
        pid=number + 1,
        boot_id=NO_BOOT,
        collector_version="0.1.0",
        python_version="3.11",
    )
