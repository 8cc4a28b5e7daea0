"""Segments for tests of ingest: events with defaults, files as a collector leaves them, what the ledger then holds."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from uuid import UUID

from analytics.intake.ingest import IngestReport, ingest_once
from scalix.events import AttemptEvent, Event, ProcessEvent, to_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from analytics.intake.options import IngestOptions
    from scalix.store.ledger import Ledger

START_US = 1_795_382_776_000_000
LATER_US = START_US + 3_600_000_000
"""The hub's clock in these tests: an hour after the attempts."""


def call_id(number: int) -> str:
    """A UUID in its usual writing."""
    return str(UUID(int=(number << 64) + number, version=4))


def event(kind: str, number: int = 1, **fields: Any) -> AttemptEvent:
    """An event of attempt ``number``; attempts start a second apart."""
    started = START_US + number * 1_000_000
    defaults: dict[str, Any] = {"call_id": call_id(number), "started_us": started, "at_us": started + _DELAYS[kind]}
    defaults["mono_us"] = defaults["at_us"] - START_US
    return AttemptEvent(kind=kind, **{**defaults, **fields})  # type: ignore[arg-type]  # kinds are spelled out by tests


_DELAYS = {
    "opened": 40,
    "answered": 500_040,
    "streamed": 700_040,
    "failed": 300_040,
    "success": 800_000,
    "failure": 310_000,
}


def whole_attempt(number: int = 1) -> list[AttemptEvent]:
    """A successful call as its three hooks report it."""
    return [
        event(
            "opened", number, provider="openai", model="gpt-4o", streaming=False, upstream=True, output_tokens_high=9
        ),
        event("answered", number, response_id=f"chatcmpl-{number}"),
        event("success", number, input_tokens=10, output_tokens=5, tokens_source="reported", litellm_cost_pusd=7),
    ]


def header(process: str = "process-1") -> ProcessEvent:
    """The first line of a segment."""
    return ProcessEvent(
        at_us=START_US,
        process_id=process,
        host="host",
        pid=1,
        boot_id="boot",
        collector_version="0",
        python_version="3",
    )


def lines(events: Iterable[Event], process: str = "process-1") -> bytes:
    """The content of a segment."""
    return b"".join(to_line(one) for one in (header(process), *events))


def write_segment(spool: Path, content: bytes, name: str = "host-boot-1.seg") -> Path:
    """A segment that was last written long ago; without `held`, its writer is gone."""
    spool.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = spool / name
    path.write_bytes(content)
    os.utime(path, (START_US // 1_000_000, START_US // 1_000_000))
    return path


@contextmanager
def held(path: Path) -> Iterator[None]:
    """The lock that a living writer has on its segment."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def take_in(ledger: Ledger, *, now_us: int = LATER_US, options: IngestOptions | None = None) -> IngestReport:
    """One call of ingest."""
    return ingest_once(ledger, ledger.folder, now_us=now_us, options=options)


def rows(ledger: Ledger, *columns: str, table: str = "attempts") -> list[tuple[Any, ...]]:
    """Exactly what a table holds, in these columns, ordered by them."""
    names = ", ".join(columns)
    return ledger.read(f"SELECT {names} FROM {table} ORDER BY ALL").rows()


def everything(ledger: Ledger) -> list[tuple[Any, ...]]:
    """All attempts, all columns but the sequence."""
    return ledger.read("SELECT * EXCLUDE (seq) FROM attempts ORDER BY started_at, call_id").rows()
