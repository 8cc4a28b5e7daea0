"""How long does the overview take over a large ledger, query by query and as a page?

Fills a ledger with attempts spread evenly over 30 days, checks one answer, and prints a table of medians:
``python benchmarks/page.py --attempts 1000000``.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from streamlit.testing.v1 import AppTest

from analytics import reading, stats
from analytics.filters import Filters
from dashboard import host
from scalix.folder import Folder
from scalix.store.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Callable

SPANS = {"1h": timedelta(hours=1), "24h": timedelta(hours=24), "7d": timedelta(days=7), "15d": timedelta(days=15)}
BATCH = 2_000_000
FILL = Path(__file__).with_suffix(".sql")


def main() -> None:
    """Fill, check, time, print."""
    arguments = _arguments()
    with tempfile.TemporaryDirectory(dir=arguments.scratch) as scratch:
        ledger = Ledger.open(Folder(Path(scratch)))
        until = datetime.now(UTC).replace(microsecond=0)
        print(
            f"{arguments.attempts:,} attempts over 30 days, filled in {fill(ledger, arguments.attempts, until):.1f} s"
        )
        _check(ledger, arguments.attempts, until)
        reading.read_from(ledger, lambda: 0)
        _time_queries(ledger, until, arguments.rounds)
        _time_page(arguments.rounds)
        ledger.close()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--attempts", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--scratch", help="folder for the ledger; a temporary one by default")
    return parser.parse_args()


def fill(ledger: Ledger, attempts: int, until: datetime) -> float:
    """Write so many attempts, evenly over the 30 days before a moment. Returns the seconds it took."""
    began = time.perf_counter()
    sql = FILL.read_text(encoding="utf-8")
    for first in range(0, attempts, BATCH):
        with ledger.transaction() as cursor:
            cursor.execute(
                sql, {"first": first, "last": min(first + BATCH, attempts), "attempts": attempts, "until": until}
            ).fetchall()
    return time.perf_counter() - began


def _check(ledger: Ledger, attempts: int, until: datetime) -> None:
    """Every 20th attempt fails and the next one answers its request; every 50th success has no price."""
    now, _ = stats.totals(Filters(until - timedelta(days=30), until + timedelta(seconds=1)), ledger)
    failed = len(range(0, attempts, 20))
    unpriced = len(range(7, attempts, 50))
    assert now.attempts == attempts
    assert now.failed == failed
    assert now.served == attempts - failed
    assert now.failed_over == failed
    assert now.unpriced == unpriced
    assert now.spent_usd == Decimal(attempts - failed - unpriced) * Decimal("0.000123456789")


def _time_queries(ledger: Ledger, until: datetime, rounds: int) -> None:
    asked: dict[str, Callable[[Filters], object]] = {
        "totals": lambda filters: stats.totals(filters, ledger),
        "providers_over_time": lambda filters: stats.providers_over_time(filters, ledger),
        "latest_failovers": lambda filters: stats.latest_failovers(filters, ledger=ledger),
        "top_models": lambda filters: stats.top_models(filters, ledger=ledger),
        "facets": lambda filters: stats.facets(filters.start, filters.end, ledger=ledger),
        "freshness": lambda _: stats.freshness(ledger),
    }
    print(f"{'milliseconds, median':24}" + "".join(f"{name:>12}" for name in SPANS) + f"{'24h, openai':>14}")
    spans = [Filters(until - span, until) for span in SPANS.values()]
    spans.append(Filters(until - SPANS["24h"], until, providers=("openai",)))
    for name, ask in asked.items():
        print(f"{name:24}" + "".join(f"{median(lambda f=f, ask=ask: ask(f), rounds):>12.1f}" for f in spans))  # type: ignore[misc]  # defaults bind the loop's values


def _time_page(rounds: int) -> None:
    for name in ("1h", "24h", "7d"):
        page = AppTest.from_file(str(host.APP), default_timeout=120)
        page.query_params["range"] = name
        page.run()
        assert not page.exception
        assert len(page.metric) == 10
        print(f"page, whole rerun, {name:5}{median(page.run, rounds):>12.1f}")


def median(work: Callable[[], object], rounds: int) -> float:
    """Milliseconds that the work takes."""
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken)


if __name__ == "__main__":
    main()
