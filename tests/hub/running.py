"""A real hub in a process of its own, and the spool lines that collectors would have written for it."""

from __future__ import annotations

import fcntl
import os
import signal
import time
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import duckdb

from scalix.events import AttemptEvent, Event, ProcessEvent, to_line
from scalix.hub.address import HubAddress, read_address
from scalix.times import now_us
from tests import forked
from tests.forked import Forked

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from scalix.folder import Folder

COST_PUSD = 1_500_000_000
QUICK = {
    "SCALIX_INGEST_INTERVAL_S": "0.2",
    "SCALIX_LAKE_TAIL_S": "0.5",
    "SCALIX_LAKE_PART_S": "2",
    "SCALIX_LAKE_GRACE_S": "10",
}
"""Settings with which a hub does in seconds what usually takes it minutes."""
_Answer = TypeVar("_Answer")


def eventually(question: Callable[[], _Answer | None], *, within_s: float = 60) -> _Answer:
    """The first answer that is true. Fails with the last one when none comes in time."""
    until = time.monotonic() + within_s
    while not (answer := question()):
        assert time.monotonic() < until, f"still {answer!r} after {within_s} s"
        time.sleep(0.05)
    return answer


def process_event(process_id: str) -> ProcessEvent:
    """The first line of a segment."""
    return ProcessEvent(
        at_us=now_us(),
        process_id=process_id,
        host="testhost",
        pid=1,
        boot_id="b" * 8,
        collector_version="0",
        python_version="3.11",
    )


def call(number: int, *, started_us: int | None = None) -> list[Event]:
    """What a collector writes of one successful call; its id and tokens follow from the number."""
    call_id = str(uuid.UUID(int=number))
    at_us = started_us or now_us()
    opened = AttemptEvent(kind="opened", call_id=call_id, started_us=at_us, at_us=at_us, provider="openai", model="m")
    ended = AttemptEvent(
        kind="success",
        call_id=call_id,
        started_us=at_us,
        at_us=at_us + 1000,
        ended_us=at_us + 1000,
        provider="openai",
        model="m",
        input_tokens=number,
        output_tokens=1,
        tokens_source="reported",
        litellm_cost_pusd=COST_PUSD,
    )
    return [opened, ended]


def calls(first: int, count: int) -> list[Event]:
    """The events of several calls, numbered from ``first`` on."""
    return [event for number in range(first, first + count) for event in call(number)]


class SegmentWriter:
    """A collector's segment: locked while open, one write per line."""

    def __init__(self, spool: Path) -> None:
        spool.mkdir(parents=True, exist_ok=True)
        self.path = spool / f"testhost-bbbbbbbb-{uuid.uuid4().hex[:12]}.seg"
        temporary = self.path.with_suffix(".tmp")
        self._descriptor = os.open(temporary, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)
        self.write([process_event(self.path.stem)])
        temporary.replace(self.path)

    def write(self, events: Iterable[Event]) -> None:
        """Append the events, a line each."""
        for event in events:
            self.write_bytes(to_line(event))

    def write_bytes(self, line: bytes) -> None:
        """Append what may not be a good line."""
        os.write(self._descriptor, line)

    def close(self) -> None:
        """End the segment: its lock is free from now on."""
        os.close(self._descriptor)


def write_segment(spool: Path, events: Iterable[Event]) -> Path:
    """A whole, finished segment."""
    writer = SegmentWriter(spool)
    writer.write(events)
    writer.close()
    return writer.path


def in_lake(folder: Folder, query: str) -> list[tuple[Any, ...]]:
    """The answer of the lake, asked the way any DuckDB client would."""
    with duckdb.connect(str(folder.lake_views), read_only=True) as connection:
        return connection.execute(query).fetchall()


def lake_count(folder: Folder) -> int:
    """Rows that the lake shows; 0 before the hub has written it."""
    return int(in_lake(folder, "SELECT count(*) FROM attempts")[0][0]) if folder.lake_views.exists() else 0


@dataclass
class HubProcess:
    """`python -m scalix up` on a free port."""

    folder: Folder
    environment: dict[str, str] = field(default_factory=dict)
    process: Forked | None = None

    def start(self, *, port: int = 0) -> HubAddress:
        """Start it and wait until it answers."""
        self.launch(port=port)
        return eventually(self.address)

    def launch(self, *, port: int = 0) -> None:
        """Start it without waiting."""
        (self.folder.root / "hub.json").unlink(missing_ok=True)
        command = ["-m", "scalix", "up", "--port", str(port), "--folder", str(self.folder.root)]
        self.process = Forked(command, env={**os.environ, **QUICK, **self.environment})

    def address(self) -> HubAddress | None:
        """Where it answers; fails when it has ended."""
        assert self.process is not None
        if self.process.poll() is not None:
            raise AssertionError(f"the hub ended with {self.process.returncode}: {self.output()}")
        found = read_address(self.folder)
        return found if found is not None and found.pid == self.process.pid else None

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal, wait for the end, return the exit status."""
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(timeout=60)

    def output(self) -> str:
        """All it printed until now."""
        assert self.process is not None
        return "".join(self.process.output())


def scalix(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line to its end."""
    return forked.run("-m", "scalix", *arguments, timeout=60)
