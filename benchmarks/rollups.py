"""What does it take to bring the rollups up to 10,000 new attempts, and does it depend on how many there were before?

For each size: a month of attempts with its rollups (``benchmarks.month``), then in a process of its own, whose DuckDB
may use 160 MB, several times 10,000 attempts of the next seconds and a refresh. The rollups' sums are compared with the
attempts' own at the end, and rolling up a day in Polars with the same sums in plain SQL over its rows.
``python -m benchmarks.rollups --attempts 1000000 --attempts 100000000``.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from analytics.rollups.declared import GRAINS
from analytics.rollups.refresh import refresh_rollups
from benchmarks.month import fill_month, fill_span
from scalix.folder import Folder
from scalix.store import sqlfiles
from scalix.store.ledger import Ledger, LedgerOptions
from scalix.times import to_us

NEW = 10_000
ROUNDS = 5
SECONDS = 20
"""So long the new attempts of a round took to arrive."""
TARGET_S = 1.0
TARGET_RATIO = 1.5
TARGET_MB = 500
SUMS = "SELECT sum(attempts), sum(succeeded), sum(cost_usd), sum(latency_us) FROM "


def _measure(attempts: int, scratch: str | None) -> tuple[float, float]:
    """Median seconds of a refresh, and the peak of the process that did it, in MB."""
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        ledger = Ledger.open(Folder(Path(folder)))
        began = time.perf_counter()
        taken = fill_month(ledger, attempts, datetime.now(UTC))
        print(f"{attempts:,} attempts and their rollups in {time.perf_counter() - began:.0f} s", flush=True)
        _compare_a_day(ledger, taken)
        ledger.close()
        command = [sys.executable, "-m", "benchmarks.rollups", "--refresh", folder]
        answer = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        ledger = Ledger.open(Folder(Path(folder)))
        _check(ledger)
        ledger.close()
    median = statistics.median(answer["seconds"])
    rounds = [round(one, 3) for one in answer["seconds"]]
    print(f"  refresh after {NEW:,} new: median {median:.3f} s, all {rounds}, peak {answer['peak_mb']:.0f} MB")
    return median, float(answer["peak_mb"])


def _refresh(folder: Path) -> None:
    """The part that runs in a process of its own: print the seconds of each round and the peak as JSON."""
    ledger = Ledger.open(Folder(folder), LedgerOptions(memory_limit="160MB"))
    first, newest = ledger.read("SELECT max(seq) + 1, max(started_at) FROM attempts").row(0)
    taken = []
    for number in range(ROUNDS):
        start = newest + timedelta(seconds=SECONDS * number + 1)
        fill_span(ledger, first + NEW * number, NEW, start, timedelta(seconds=SECONDS))
        began = time.perf_counter()
        assert refresh_rollups(ledger, now_us=to_us(start)) > 0
        taken.append(time.perf_counter() - began)
        # As a job of the hub does every five minutes; a refresh that waits for it takes half a second longer.
        ledger.read("CHECKPOINT")
    ledger.close()
    # Not ru_maxrss, which a process inherits from the one that started it.
    peak_kb = int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1])  # type: ignore[index]
    print(json.dumps({"seconds": taken, "peak_mb": peak_kb / 1000}))


def _compare_a_day(ledger: Ledger, polars_s: float) -> None:
    """The same sums for the first day, in plain SQL over its attempts; they have to agree."""
    began = time.perf_counter()
    start = ledger.read("SELECT min(bucket_at) FROM reliability_day").item()
    span = {"width_us": GRAINS["minute"], "start": start, "end": start + timedelta(days=1)}
    plain = ledger.read(sqlfiles.text("rollups/plain"), span)
    print(f"  a day of it by minute: Polars {polars_s:.2f} s, with histograms, hours and days, and written;")
    print(f"    plain SQL {time.perf_counter() - began:.2f} s, sums alone, answered", flush=True)
    columns = ", ".join(plain.columns)
    rolled = ledger.read(
        f"SELECT {columns} FROM reliability_minute WHERE bucket_at < $end ORDER BY ALL", {"end": span["end"]}
    )
    assert rolled.equals(plain)


def _check(ledger: Ledger) -> None:
    began = time.perf_counter()
    raw = ledger.read(sqlfiles.text("rollups/plain_sums")).row(0)
    print(f"  the sums over all attempts in plain SQL: {time.perf_counter() - began:.2f} s", flush=True)
    for table in ("reliability_minute", "reliability_hour", "reliability_day"):
        assert ledger.read(SUMS + table).row(0) == raw, table


def main() -> int:
    """Measure each size and print the ratio of the largest to the smallest; 1 when a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--attempts", type=int, action="append")
    parser.add_argument("--scratch", help="folder for the ledgers; a temporary one by default")
    parser.add_argument("--refresh", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.refresh:
        _refresh(arguments.refresh)
        return 0
    found = [_measure(size, arguments.scratch) for size in sorted(arguments.attempts or [1_000_000, 10_000_000])]
    ratio, (largest_s, peak_mb) = found[-1][0] / found[0][0], found[-1]
    print(f"ratio of the largest to the smallest: {ratio:.2f} (at most {TARGET_RATIO})")
    print(f"refresh under {TARGET_S} s and {TARGET_MB} MB: {largest_s:.3f} s, {peak_mb:.0f} MB")
    return 0 if ratio <= TARGET_RATIO and largest_s < TARGET_S and peak_mb < TARGET_MB else 1


if __name__ == "__main__":
    raise SystemExit(main())
