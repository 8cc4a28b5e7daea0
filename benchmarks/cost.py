"""How long does the Cost page take over a large ledger, question by question and as a page, and is what it says exact?

Fills a ledger with attempts spread over 30 days, rolls them up, and asks every question twice: as the page does, and of
the attempts alone. Both must say the same to the last digit; so must their sum in any order, and by hour and by day.
``python -m benchmarks.cost --attempts 10000000``; ends with 1 when the page takes longer than a second.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

from streamlit.testing.v1 import AppTest

from analytics import reading
from analytics.filters import Filters
from analytics.rollups.declared import SPEND
from analytics.rollups.refresh import refresh_rollups
from analytics.spend import asking
from analytics.spend.asking import DIMENSIONS, ask
from analytics.spend.sources import Source
from benchmarks.page import fill, median
from dashboard import host
from scalix.folder import Folder
from scalix.store.ledger import Ledger
from scalix.times import now_us, to_us

if TYPE_CHECKING:
    import polars as pl

TARGET_MS = 1000
SPANS = {"24h": timedelta(hours=24), "7d": timedelta(days=7), "15d": timedelta(days=15)}
QUESTIONS = ("totals", "over_time", "cells")
ORDERS = ("started_at", "call_id", "hash(call_id)", "seq DESC")


def main() -> int:
    """Fill, check, time, print; 1 when the page is too slow."""
    arguments = _arguments()
    with tempfile.TemporaryDirectory(dir=arguments.scratch) as scratch:
        ledger = Ledger.open(Folder(Path(scratch)))
        until = datetime.now(UTC).replace(microsecond=0)
        _fill(ledger, arguments.attempts, until)
        _check_sums(ledger)
        _time_questions(ledger, until, arguments.rounds)
        reading.read_from(ledger, lambda: 0)
        slowest = max(_time_page(name, arguments.rounds) for name in ("24h", "7d", "30d"))
        ledger.close()
    print(f"slowest page: {slowest:.0f} ms (at most {TARGET_MS})")
    return 0 if slowest < TARGET_MS else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--attempts", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--scratch", help="folder for the ledger; a temporary one by default")
    return parser.parse_args()


def _fill(ledger: Ledger, attempts: int, until: datetime) -> None:
    seconds = fill(ledger, attempts, until)
    began = time.perf_counter()
    refresh_rollups(ledger, now_us=now_us(), rollups=(SPEND,))
    rolled_s = time.perf_counter() - began
    hours, days = (ledger.read(f"SELECT count(*) FROM {SPEND.table(grain)}").item() for grain in SPEND.grains)
    print(
        f"{attempts:,} attempts filled in {seconds:.0f} s, rolled up in {rolled_s:.0f} s: {hours:,} and {days:,} rows"
    )


def _check_sums(ledger: Ledger) -> None:
    """The sum is exact in any order, and by hour and by day what it is over attempts."""
    cost = "SELECT sum(cost_usd) FROM "
    costed = "costed_attempts(make_timestamptz(0), now())"
    sums = {
        ledger.read(f"{cost}(SELECT cost_usd FROM {costed} ORDER BY {order} LIMIT 1000000000)").item()
        for order in ORDERS
    }
    sums |= {ledger.read(cost + SPEND.table(grain)).item() for grain in SPEND.grains}
    picodollars = ledger.read(f"SELECT CAST(sum(CAST(cost_usd * 1000000000000 AS HUGEINT)) AS VARCHAR) FROM {costed}")
    assert sums == {Decimal(picodollars.item()).scaleb(-12)}
    print(f"sum over all attempts in {len(ORDERS)} orders, by hour and by day: {sums.pop()} USD each time")


def _time_questions(ledger: Ledger, until: datetime, rounds: int) -> None:
    print(f"{'milliseconds, median':24}" + "".join(f"{name:>10}{'raw':>10}" for name in SPANS))
    for question in QUESTIONS:
        line = f"{question:24}"
        for span in SPANS.values():
            filters = Filters(until - span, until)
            for dimension in DIMENSIONS if question != "totals" else ("provider",):
                assert _rows(question, filters, dimension, ledger) == _raw(question, filters, dimension, ledger)
            line += f"{median(lambda q=question, f=filters: ask(q, f, 'user', ledger), rounds):>10.1f}"  # type: ignore[misc]  # defaults bind the loop's values
            line += f"{median(lambda q=question, f=filters: _raw(q, f, 'user', ledger), 1):>10.1f}"  # type: ignore[misc]  # same
        print(line, flush=True)


def _rows(question: str, filters: Filters, dimension: str, ledger: Ledger) -> list[object]:
    frame: pl.DataFrame = ask(question, filters, dimension, ledger)
    return sorted(frame.rows(), key=repr)


def _raw(question: str, filters: Filters, dimension: str, ledger: Ledger) -> list[object]:
    """The answer of the attempts alone."""
    everything = Source("hour", ((0, to_us(filters.end)),))
    with mock.patch.object(asking, "source_of", return_value=everything):
        return _rows(question, filters, dimension, ledger)


def _time_page(span: str, rounds: int) -> float:
    page = AppTest.from_file(str(host.APP), default_timeout=120)
    page.switch_page("screens/cost.py")
    page.query_params["range"] = span
    page.run()
    assert not page.exception
    assert len(page.metric) == 6
    taken = median(page.run, rounds)
    print(f"page, whole rerun, {span:5}{taken:>10.1f}", flush=True)
    return taken


if __name__ == "__main__":
    raise SystemExit(main())
