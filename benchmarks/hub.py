"""The hub under load: how fresh the lake is, how fast a backlog is taken in, how long its event loop makes one wait.

A writer process writes calls at a steady rate; another connection watches the lake and notes when each call's row is
first seen; a third asks ``/healthz`` twenty times a second, which the event loop answers itself. Then a backlog is
written at once and the time until it is read is taken. With ``--sessions`` that many browsers show the dashboard
meanwhile, refreshing themselves. Every call written must be seen, exactly once.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from benchmarks.writer import EVENTS_PER_CALL
from scalix.folder import Folder
from scalix.hub.address import read_address
from scalix.store.lake_file import open_lake
from scalix.times import now_us

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NEW_ROWS = "SELECT seq, epoch_us(ended_at) FROM attempts WHERE seq > ? AND user_id LIKE 'user-%' ORDER BY seq"
CHROMIUM_FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")


@dataclass
class Observed:
    """What the watchers saw."""

    seen: int = 0
    ages_s: list[float] = field(default_factory=list)
    waits_s: list[float] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)


def until(what: str, seconds: float, probe: Callable[[], object]) -> None:
    """Wait until the probe is true. Raises TimeoutError when it is not in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if probe():
            return
        time.sleep(0.05)
    raise TimeoutError(f"{what} did not happen within {seconds} s")


@contextmanager
def hub(folder: Folder) -> Iterator[str]:
    """A hub of its own over a folder; gives its address."""
    command = [sys.executable, "-m", "scalix", "up", "--folder", str(folder.root), "--port", "0"]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until("the hub's start", 60, lambda: read_address(folder))
        address = read_address(folder)
        assert address is not None
        url = address.url
        until("the first ingest", 60, lambda: httpx.get(f"{url}/healthz").status_code == httpx.codes.OK)
        yield url
    finally:
        running.terminate()
        running.wait(60)


@contextmanager
def sessions(url: str, number: int) -> Iterator[None]:
    """That many browsers with the dashboard open."""
    if not number:
        yield
        return
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  only where sessions are asked for

    path = os.environ.get("SCALIX_CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(CHROMIUM_FLAGS))
        pages = [browser.new_page() for _ in range(number)]
        for page in pages:
            page.goto(url)
            page.get_by_text("Spent").first.wait_for(timeout=60_000)
        yield
        browser.close()


def watch_lake(folder: Folder, observed: Observed, after: int, every_s: float) -> None:
    """Note when each row is first seen. Looking is a question, too: where others are timed, look less often."""
    with open_lake(folder.lake_views) as lake:
        while not observed.stop.is_set():
            rows = lake.execute(NEW_ROWS, [after]).fetchall()
            present = now_us()
            observed.seen += len(rows)
            observed.ages_s += [(present - ended) / 1e6 for _, ended in rows]
            after = max([after, *(seq for seq, _ in rows)])
            observed.stop.wait(every_s)


def ask_health(url: str, observed: Observed) -> None:
    """How long the event loop lets a small request wait."""
    with httpx.Client() as client:
        while not observed.stop.wait(0.05):
            before = time.perf_counter()
            client.get(f"{url}/healthz").raise_for_status()
            observed.waits_s.append(time.perf_counter() - before)


def write(folder: Folder, events: int, rate: float | None, seed: int) -> subprocess.Popen[bytes]:
    """A writer process."""
    command = [sys.executable, "-m", "benchmarks.writer", str(folder.spool), "--events", str(events)]
    return subprocess.Popen([*command, "--seed", str(seed), *(["--rate", str(rate)] if rate else [])])


def steady(folder: Folder, url: str, rate: float, seconds: float, after: int, *, every_s: float = 0.05) -> Observed:
    """Write at a rate and watch, the lake so often."""
    observed = Observed()
    watchers = [
        threading.Thread(target=watch_lake, args=(folder, observed, after, every_s)),
        threading.Thread(target=ask_health, args=(url, observed)),
    ]
    for watcher in watchers:
        watcher.start()
    events = int(rate * seconds)
    try:
        write(folder, events, rate, seed=2).wait()
        until("the last row", 30, lambda: observed.seen >= events // EVENTS_PER_CALL)
    finally:
        observed.stop.set()
        for watcher in watchers:
            watcher.join()
    if observed.seen != events // EVENTS_PER_CALL:
        raise AssertionError(f"{events // EVENTS_PER_CALL} calls written, {observed.seen} rows seen")
    return observed


def catch_up(folder: Folder, url: str, events: int) -> float:
    """Events a second while a backlog is taken in; the segments appear in the spool at once."""
    aside = Folder(folder.root / "backlog")
    write(aside, events, None, seed=3).wait()
    (segment,) = aside.spool.glob("*.seg")
    address = read_address(folder)
    assert address is not None
    headers = {"Authorization": f"Bearer {address.token}"}

    def lines() -> int:
        health = httpx.get(f"{url}/v1/health", headers=headers, timeout=30).json()
        return int(health["spool"]["lines"])

    before = lines()
    began = time.monotonic()
    segment.rename(folder.spool / segment.name)
    until("the end of the backlog", 300, lambda: lines() >= before + events)
    return events / (time.monotonic() - began)


def _share(values: list[float], share: float) -> float:
    return sorted(values)[min(int(len(values) * share), len(values) - 1)] if values else float("nan")


def _last_seq(folder: Folder) -> int:
    with open_lake(folder.lake_views) as lake:
        ((last,),) = lake.execute("SELECT coalesce(max(seq), 0) FROM attempts").fetchall()
        return int(last)


def main() -> None:
    """Parse the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=500)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--backlog", type=int, default=600_000)
    parser.add_argument("--sessions", type=int, default=0)
    parser.add_argument("--folder", type=Path, help="an existing Scalix folder, e.g. one with a full ledger")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with ExitStack() as stack:
        root = arguments.folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder = Folder(root)
        url = stack.enter_context(hub(folder))
        stack.enter_context(sessions(url, arguments.sessions))
        observed = steady(folder, url, arguments.rate, arguments.seconds, _last_seq(folder))
        figures = {
            "rate_events_per_s": arguments.rate,
            "sessions": arguments.sessions,
            "rows_seen": observed.seen,
            "freshness_p50_s": _share(observed.ages_s, 0.5),
            "freshness_p99_s": _share(observed.ages_s, 0.99),
            "healthz_p50_ms": _share(observed.waits_s, 0.5) * 1000,
            "healthz_p99_ms": _share(observed.waits_s, 0.99) * 1000,
            "catch_up_events_per_s": catch_up(folder, url, arguments.backlog),
        }
    print(json.dumps(figures) if arguments.json else "\n".join(f"{k:24} {v:,.3f}" for k, v in figures.items()))


if __name__ == "__main__":
    main()
