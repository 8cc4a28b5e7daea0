"""What does it take to bring the rollups up to 10,000 new attempts, and does it depend on how many there were before?

For each size: fill a ledger with a month of attempts, roll them up, then several times add 10,000 attempts of the last
seconds and refresh. The rollup's sums are compared with the attempts' own at the end, and the time with what the same
sums take in plain SQL over all rows. ``python -m benchmarks.rollups --attempts 1000000 --attempts 10000000``.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from analytics.rollups.declared import GRAINS
from analytics.rollups.refresh import refresh_rollups
from scalix.folder import Folder
from scalix.store import sqlfiles
from scalix.store.ledger import Ledger
from scalix.times import now_us, to_us

NEW = 10_000
ROUNDS = 5
BATCH = 2_000_000
TARGET_S = 1.0
TARGET_RATIO = 1.5
FILL = Path(__file__).with_name("page.sql")
SUMS = "SELECT sum(attempts), sum(succeeded), sum(cost_usd), sum(latency_us) FROM "


def _measure(attempts: int, scratch: str | None) -> float:
    until = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        ledger = Ledger.open(Folder(Path(folder)))
        began = time.perf_counter()
        for first in range(0, attempts, BATCH):
            _fill(ledger, first, min(first + BATCH, attempts), attempts, until)
            refresh_rollups(ledger, now_us=now_us())
        print(f"{attempts:,} attempts filled and rolled up in {time.perf_counter() - began:.0f} s", flush=True)
        taken = [_refresh_after_new(ledger, attempts + number * NEW, until, number) for number in range(ROUNDS)]
        _check(ledger)
        ledger.close()
    median = statistics.median(taken)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"  refresh after {NEW:,} new: median {median:.3f} s, all {[round(one, 3) for one in taken]}, peak {peak} MiB"
    )
    return median


def _fill(ledger: Ledger, first: int, last: int, attempts: int, until: datetime) -> None:
    with ledger.transaction() as cursor:
        bound: dict[str, object] = {"first": first, "last": last, "attempts": attempts, "until": until}
        cursor.execute(FILL.read_text(encoding="utf-8"), bound).fetchall()


def _refresh_after_new(ledger: Ledger, first: int, until: datetime, number: int) -> float:
    """New attempts of the month's last seconds: as many a second as if the month had ``NEW`` of them in twenty."""
    density = 30 * 86_400 * NEW // 20
    at = until + timedelta(seconds=20 * (number + 1))
    with ledger.transaction() as cursor:
        sql = FILL.read_text(encoding="utf-8").replace("($attempts - 1 - i)", f"({first + NEW - 1} - i)")
        bound: dict[str, object] = {"first": first, "last": first + NEW, "attempts": density, "until": at}
        cursor.execute(sql, bound).fetchall()
    began = time.perf_counter()
    assert refresh_rollups(ledger, now_us=to_us(at)) > 0
    return time.perf_counter() - began


def _check(ledger: Ledger) -> None:
    began = time.perf_counter()
    plain = ledger.read(sqlfiles.text("rollups/plain"), {"width_us": GRAINS["hour"]})
    spent = time.perf_counter() - began
    raw = plain.select("attempts", "succeeded", "cost_usd", "latency_us").sum().row(0)
    for table in ("reliability_minute", "reliability_hour", "reliability_day"):
        assert ledger.read(SUMS + table).row(0) == raw, table
    print(f"  the same sums by hour in plain SQL over all attempts: {spent:.3f} s")


def main() -> int:
    """Measure each size and print the ratio of the largest to the smallest; 1 when a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--attempts", type=int, action="append")
    parser.add_argument("--scratch", help="folder for the ledgers; a temporary one by default")
    arguments = parser.parse_args()
    medians = [_measure(size, arguments.scratch) for size in sorted(arguments.attempts or [1_000_000, 10_000_000])]
    ratio = medians[-1] / medians[0]
    print(f"ratio of the largest to the smallest: {ratio:.2f} (at most {TARGET_RATIO}), refresh under {TARGET_S} s")
    return 0 if ratio <= TARGET_RATIO and medians[-1] < TARGET_S else 1


if __name__ == "__main__":
    raise SystemExit(main())
