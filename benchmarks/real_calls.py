"""The highest rate of real LiteLLM calls that this machine reaches, and how fresh the lake stays meanwhile.

Caller processes with the collector installed, a fixed-answer server and a hub share the machine. The number of callers
grows until more of them bring no more calls. Every call made must be seen in the lake, exactly once.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.callbacks import WARM_UP
from benchmarks.hub import hub, until
from benchmarks.upstream import served
from scalix.demo.freshness import FreshnessWatch
from scalix.folder import Folder
from scalix.store.lake_file import open_lake
from scalix.times import now_us

SEEN = "SELECT count(*), count(DISTINCT response_id) FROM attempts WHERE status = 'success' AND input_tokens = 56"
WORTH_ANOTHER = 1.05
"""More callers are tried as long as each step brings at least so many times the calls."""


@dataclass(frozen=True)
class Reached:
    """What one number of callers came to."""

    callers: int
    calls_per_s: float
    freshness_p50_s: float | None
    freshness_p99_s: float | None


def measure(folder: Folder, port: int, callers: int, number: int) -> Reached:
    """That many caller processes at once, each making ``number`` calls, fifty at a time."""
    command = [sys.executable, "-m", "benchmarks.callbacks", "--child", "scalix", "--port", str(port)]
    env = os.environ | {"SCALIX_HOME": str(folder.root), "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    before = _seen(folder)
    with FreshnessWatch(folder, now_us()) as watch:
        running = [
            subprocess.Popen([*command, "--calls", str(number)], env=env, stdout=subprocess.PIPE, text=True)
            for _ in range(callers)
        ]
        rates = [json.loads(child.communicate()[0].splitlines()[-1])["rate"] for child in running]
        expected = before + callers * (number + WARM_UP)
        until("the last call's row", 60, lambda: _seen(folder) >= expected)
    if _seen(folder) != expected:
        raise AssertionError(f"{expected} calls were made, {_seen(folder)} seen")
    return Reached(callers, sum(rates), watch.percentile_s(0.5), watch.percentile_s(0.99))


def _seen(folder: Folder) -> int:
    with open_lake(folder.lake_views) as lake:
        ((rows, different),) = lake.execute(SEEN).fetchall()
    if rows != different:
        raise AssertionError(f"{rows} rows for {different} answers")
    return int(rows)


def climb(folder: Folder, port: int, number: int, most: int) -> list[Reached]:
    """One caller, then two, until another brings nothing."""
    reached = [measure(folder, port, 1, number)]
    while len(reached) < most:
        reached.append(measure(folder, port, len(reached) + 1, number))
        if reached[-1].calls_per_s < WORTH_ANOTHER * reached[-2].calls_per_s:
            break
    return reached


def main() -> None:
    """Parse the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=4000, help="of each caller")
    parser.add_argument("--most", type=int, default=6, help="callers")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as root, served() as port:
        folder = Folder(Path(root))
        with hub(folder):
            reached = climb(folder, port, arguments.calls, arguments.most)
    if arguments.json:
        print(json.dumps([asdict(one) for one in reached]))
        return
    print(f"{'callers':>7} {'calls/s':>8} {'in the lake after, s p50':>25} {'p99':>6}")
    for one in reached:
        print(
            f"{one.callers:7} {one.calls_per_s:8.0f} {one.freshness_p50_s or 0:25.2f} {one.freshness_p99_s or 0:6.2f}"
        )


if __name__ == "__main__":
    main()
