"""How long do the Reliability, Failover and Calls pages take in queries over a large ledger, and the search for an id?

Fills a month (``benchmarks.month``), or takes the one in ``--folder``; asks what the pages ask, for several spans,
checks an answer, and prints medians: ``python -m benchmarks.reliability_pages --attempts 100000000``.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from analytics.calls.search import Wanted, by_id, matching
from analytics.failover.edges import edges
from analytics.failover.requests import chain, chained_requests, outcomes
from analytics.filters import Filters
from analytics.objectives.definitions import DEFAULTS
from analytics.objectives.state import state_of
from analytics.reliability import stats
from analytics.reliability.episodes import episodes
from benchmarks.month import DAYS, fill_month
from scalix.folder import Folder
from scalix.store import views
from scalix.store.ledger import Ledger
from scalix.times import to_us

if TYPE_CHECKING:
    from collections.abc import Callable

SPANS = {"1h": timedelta(hours=1), "24h": timedelta(days=1), "7d": timedelta(days=7), "30d": timedelta(days=DAYS)}
TARGET_S = 1.0


def main() -> int:
    """Fill, check, time, print; 1 when a page or the search takes longer than it may."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--attempts", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="a folder that holds such a month already")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        ledger = Ledger.open(Folder(arguments.folder or Path(scratch)))
        with ledger.cursor() as cursor:
            views.define_in_ledger(cursor)
        if not arguments.folder:
            fill_month(ledger, arguments.attempts, datetime.now(UTC))
        slowest = _measure(ledger, arguments.rounds)
        ledger.close()
    print(f"the slowest page takes {slowest:.3f} s of queries (target {TARGET_S} s)")
    return 0 if slowest < TARGET_S else 1


def _measure(ledger: Ledger, rounds: int) -> float:
    newest = ledger.read("SELECT max(started_at) FROM attempts").item()
    end = newest + timedelta(seconds=1)
    slowest = 0.0
    for name, span in SPANS.items():
        filters = Filters(end - span, end)
        _check(ledger, filters)
        for page, questions in _pages(ledger, filters).items():
            taken = {asked: _median(ask, rounds) for asked, ask in questions.items()}
            slowest = max(slowest, sum(taken.values()))
            parts = ", ".join(f"{asked} {1000 * seconds:.0f}" for asked, seconds in taken.items())
            print(f"{page}, {name}: {1000 * sum(taken.values()):.0f} ms ({parts})", flush=True)
    return max(slowest, _search(ledger, rounds))


def _pages(ledger: Ledger, filters: Filters) -> dict[str, dict[str, Callable[[], object]]]:
    now_us = to_us(filters.end)
    return {
        "Reliability": {
            "objectives": lambda: [state_of(one, ledger, now_us) for one in DEFAULTS],
            "by_name": lambda: stats.by_name(filters, "provider", ledger),
            "over_time": lambda: stats.over_time(filters, "provider", ledger),
            "error_kinds": lambda: stats.error_kinds(filters, "provider", ledger),
            "by_hour": lambda: stats.by_hour(filters, ledger),
            "episodes": lambda: episodes(filters, ledger),
        },
        "Failover": {
            "outcomes": lambda: outcomes(filters, ledger),
            "edges": lambda: edges(filters, ledger=ledger),
            "requests": lambda: chained_requests(filters, ledger=ledger),
            "episodes": lambda: episodes(filters, ledger),
        },
    }


def _search(ledger: Ledger, rounds: int) -> float:
    """An id from the middle of the month, as call id and as trace id; the latest calls; and a request's chain."""
    middle = ledger.read("SELECT max(started_at) - INTERVAL 15 DAY FROM attempts").item()
    sql = "SELECT call_id, trace_id FROM attempts WHERE started_at >= $at AND status = 'failure' ORDER BY seq LIMIT 1"
    call_id, trace_id = ledger.read(sql, {"at": middle}).row(0)
    assert by_id(str(call_id), ledger).height == 1
    assert by_id(str(trace_id), ledger).height == 2
    week = Filters(middle, middle + timedelta(days=7))
    taken = {
        "call id": _median(lambda: by_id(str(call_id), ledger), rounds),
        "trace id": _median(lambda: by_id(str(trace_id), ledger), rounds),
        "chain": _median(lambda: chain(str(trace_id), middle, ledger), rounds),
        "dearest of a week": _median(lambda: matching(week, Wanted(order="dearest"), ledger), rounds),
    }
    for name, seconds in taken.items():
        print(f"Calls, {name}: {1000 * seconds:.0f} ms", flush=True)
    return max(taken.values())


def _check(ledger: Ledger, filters: Filters) -> None:
    """Every 20th attempt fails and the next one answers its request, elsewhere."""
    found = outcomes(filters, ledger)
    assert found.failed <= 1
    assert abs(found.recovered - found.ended_attempts / 20) <= max(2, found.ended_attempts / 50)
    moved = edges(filters, ledger=ledger)["moves"].sum()
    assert moved == found.recovered


def _median(ask: Callable[[], object], rounds: int) -> float:
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        ask()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


if __name__ == "__main__":
    raise SystemExit(main())
