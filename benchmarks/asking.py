"""Many asking at once while calls come in: clients over HTTP and on the lake's file, an aggregate of one day each.

Clients over HTTP post to ``/v1/sql``; clients on the file are processes of their own with one open connection each, as
a notebook or a BI tool has it. Meanwhile a writer records at a steady rate and the lake is watched. Fails when a
question fails, a call is lost or seen twice, the 95th percentile of either kind is slow, or the lake falls behind.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from benchmarks.hub import hub, steady, until, write
from benchmarks.writer import EVENTS_PER_CALL
from scalix.folder import Folder
from scalix.store.lake_file import open_lake

DAY = """
SELECT provider, model, count(*) AS attempts, sum(cost_usd) AS spent_usd, avg(latency_ms) AS latency_ms
FROM attempts WHERE started_at >= now() - INTERVAL 1 DAY GROUP BY ALL ORDER BY spent_usd DESC
"""
SLOWEST_P95_MS = 300.0
OLDEST_S = 5.0
LOOK_S = 0.5
"""Between two looks at the lake, by which it may seem older than it was."""


@dataclass
class Asked:
    """How long each answer took, and what went wrong."""

    took_ms: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def over_http(url: str, pause_s: float, ready: threading.Barrier, stop: threading.Event, asked: Asked) -> None:
    """Ask over HTTP until told to stop. The first question, which may start a reader, comes before the others begin."""
    with httpx.Client(timeout=60) as client:
        client.post(f"{url}/v1/sql", json={"query": DAY, "format": "csv"})
        ready.wait()
        while not stop.wait(pause_s * random.uniform(0.5, 1.5)):
            began = time.perf_counter()
            answer = client.post(f"{url}/v1/sql", json={"query": DAY, "format": "csv"})
            asked.took_ms.append((time.perf_counter() - began) * 1000)
            if answer.status_code != httpx.codes.OK or answer.text.count("\n") < 2:
                asked.errors.append(answer.text[:200])


def on_file(path: Path, pause_s: float) -> None:
    """A client process: asks over one open connection until its standard input ends, then prints what it saw.

    It says when it has asked for the first time, and goes on when it is told to.
    """
    asked, stop = Asked(), threading.Event()
    with open_lake(path) as connection:
        connection.execute(DAY).fetchall()
        print("ready", flush=True)
        sys.stdin.readline()
        threading.Thread(target=_wait_for_the_end, args=(stop,), daemon=True).start()
        while not stop.wait(pause_s * random.uniform(0.5, 1.5)):
            began = time.perf_counter()
            try:
                rows = connection.execute(DAY).fetchall()
            except Exception as error:  # noqa: BLE001 - whatever it is, it is a failure to report
                asked.errors.append(str(error)[:200])
                continue
            asked.took_ms.append((time.perf_counter() - began) * 1000)
            if not rows:
                asked.errors.append("no rows")
    print(json.dumps([asked.took_ms, asked.errors]))


def _wait_for_the_end(stop: threading.Event) -> None:
    sys.stdin.read()
    stop.set()


def measured(folder: Folder, url: str, arguments: argparse.Namespace) -> tuple[Asked, Asked, list[float]]:
    """Ask in both ways while calls come in. Gives what was seen, and the ages of rows when the lake first had them."""
    http, stop, ready = Asked(), threading.Event(), threading.Barrier(arguments.clients + 1)
    threads = [
        threading.Thread(target=over_http, args=(url, arguments.pause, ready, stop, http))
        for _ in range(arguments.clients)
    ]
    clients = [_client(folder, arguments.pause) for _ in range(arguments.clients)]
    for thread in threads:
        thread.start()
    _at_once(clients)
    ready.wait()
    observed = steady(folder, url, arguments.rate, arguments.seconds, _last_seq(folder), every_s=LOOK_S)
    stop.set()
    for thread in threads:
        thread.join()
    file = Asked()
    for client in clients:
        took, errors = json.loads(client.communicate()[0])
        file.took_ms += took
        file.errors += errors
    return http, file, observed.ages_s


def _client(folder: Folder, pause_s: float) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "benchmarks.asking", "--on-file", str(folder.lake_views), "--pause", str(pause_s)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _at_once(clients: list[subprocess.Popen[str]]) -> None:
    """Have them begin when all are ready."""
    for client in clients:
        assert client.stdout is not None
        assert client.stdout.readline() == "ready\n"
    for client in clients:
        assert client.stdin is not None
        client.stdin.write("go\n")
        client.stdin.flush()


def main() -> int:
    """Parse the command line, measure, print; 1 when a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=1000, help="events a second")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--clients", type=int, default=8, help="of each kind")
    parser.add_argument("--pause", type=float, default=1.0, help="mean seconds between questions of a client")
    parser.add_argument("--before", type=int, default=200_000, help="events that the day already has")
    parser.add_argument("--on-file", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    if arguments.on_file:
        on_file(arguments.on_file, arguments.pause)
        return 0
    with tempfile.TemporaryDirectory() as root, hub(folder := Folder(Path(root))) as url:
        write(folder, arguments.before, None, seed=1).wait()
        until("the day's calls", 300, lambda: _count(folder) == arguments.before // EVENTS_PER_CALL)
        http, file, ages_s = measured(folder, url, arguments)
        written = (arguments.before, int(arguments.rate * arguments.seconds))
        expected = sum(events // EVENTS_PER_CALL for events in written)
        lost = expected - _count(folder)
    figures = {
        "http_answers": len(http.took_ms),
        "http_p50_ms": _share(http.took_ms, 0.5),
        "http_p95_ms": _share(http.took_ms, 0.95),
        "file_answers": len(file.took_ms),
        "file_p50_ms": _share(file.took_ms, 0.5),
        "file_p95_ms": _share(file.took_ms, 0.95),
        "errors": len(http.errors) + len(file.errors),
        "lost": lost,
        "lake_age_p50_s": _share(ages_s, 0.5),
        "lake_age_max_s": max(ages_s),
    }
    print(json.dumps(figures) if arguments.json else "\n".join(f"{k:18} {v:,.3f}" for k, v in figures.items()))
    for error in [*http.errors, *file.errors][:3]:
        print(error)
    slow = max(figures["http_p95_ms"], figures["file_p95_ms"]) > SLOWEST_P95_MS or max(ages_s) > OLDEST_S
    return 1 if slow or figures["errors"] or lost else 0


def _count(folder: Folder) -> int:
    with open_lake(folder.lake_views) as lake:
        return int(lake.execute("SELECT count(*) FROM attempts WHERE user_id LIKE 'user-%'").fetchall()[0][0])


def _last_seq(folder: Folder) -> int:
    with open_lake(folder.lake_views) as lake:
        return int(lake.execute("SELECT coalesce(max(seq), 0) FROM attempts").fetchall()[0][0])


def _share(values: list[float], share: float) -> float:
    return sorted(values)[min(int(len(values) * share), len(values) - 1)] if values else float("nan")


if __name__ == "__main__":
    sys.exit(main())
