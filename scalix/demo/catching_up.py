"""Waiting until the hub has taken in what was written, and how fast it did."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from scalix.demo import child
from scalix.demo.compare import Comparison, compare
from scalix.demo.providers.log import read_requests
from scalix.demo.recorded import Recorded, recorded_attempts
from scalix.demo.trouble import Trouble, compare_trouble
from scalix.errors import DemoError, StoreError
from scalix.times import MICROSECONDS

if TYPE_CHECKING:
    from scalix.folder import Folder
    from scalix.hub.address import HubAddress

LONGEST_S = 60.0
POLL_S = 0.2
SECOND_LOOK_S = 3.0
"""What is there twice may come later than what is there once."""


def history_rate(address: HubAddress, events: int) -> float | None:
    """Waits until so many events have been read; events a second from the first reading to the last."""
    if events == 0:
        return None
    spool: dict[str, Any] = {}
    deadline = time.monotonic() + LONGEST_S
    first_us = None
    while time.monotonic() < deadline:
        spool = child.health(address)["spool"]
        if spool["lines"] >= events:
            seconds = (spool["last_ingest_us"] - (first_us or spool["started_us"])) / MICROSECONDS
            return float(spool["lines"] / seconds)
        if not spool["lines"]:
            first_us = spool["last_ingest_us"]
        time.sleep(POLL_S)
    raise DemoError(f"the hub has read {spool.get('lines')} of {events} events in {LONGEST_S:.0f} s; see its hub.log")


def compare_when_caught_up(folder: Folder, since_us: int) -> tuple[Comparison, Trouble, list[Recorded]]:
    """Compares again and again until nothing is missing or time is up, then once more; that is the verdict."""
    deadline = time.monotonic() + LONGEST_S
    while time.monotonic() < deadline:
        with suppress(StoreError):
            comparison, trouble, _ = compare_now(folder, since_us)
            if comparison.agrees and trouble.agrees:
                break
        time.sleep(POLL_S * 5)
    time.sleep(SECOND_LOOK_S)
    return compare_now(folder, since_us)


def compare_now(folder: Folder, since_us: int) -> tuple[Comparison, Trouble, list[Recorded]]:
    """Both sides since a moment as they stand. Raises StoreError when the lake cannot be read."""
    requests = [request for request in read_requests(folder.root / "providers") if request.arrived_us >= since_us]
    attempts = recorded_attempts(folder, since_us)
    return compare(requests, attempts), compare_trouble(folder, requests, attempts, since_us), attempts
