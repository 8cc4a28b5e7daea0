"""``make bench-routing``: LiteLLM's strategies and Scalix in generated worlds, against a clairvoyant's bound.

Real LiteLLM Routers, with all their retries, cooldowns and callbacks, call a provider registered with LiteLLM. Only
time is not real: an hour of a production service's traffic passes as fast as it can be computed. Ends with 1 when a
promise does not hold.
"""

from __future__ import annotations

import argparse
import os
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from rich.progress import track

from benchmarks.routing_worlds.optimum import optimum
from benchmarks.routing_worlds.report import markdown, misses, rows, worlds_lost
from benchmarks.routing_worlds.virtual_time import virtual_loop
from benchmarks.routing_worlds.worlds import made
from scalix.demo.traffic.trace import arrivals

if TYPE_CHECKING:
    from benchmarks.routing_worlds.outcomes import Outcome

EVALUATED = 1000
"""The first seed of the worlds that are reported; the policy was tuned on seeds below 100."""
OURS = "scalix"
BEGIN, END = "<!-- table: written by make bench-routing -->", "<!-- end of table -->"
STRATEGIES = (
    OURS,
    "simple-shuffle",
    "latency-based-routing",
    "cost-based-routing",
    "usage-based-routing-v2",
    "least-busy",
)


def outcome_of(task: tuple[str, int, int, float]) -> Outcome:
    """One strategy in one world."""
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    from benchmarks.routing_worlds.routers import run_router  # noqa: PLC0415  LiteLLM takes seconds

    strategy, seed, requests, seconds = task
    with virtual_loop() as loop:
        return loop.run_until_complete(run_router(strategy, made(seed, arrivals(requests, seconds)), loop))


def main() -> int:
    """Run all worlds, print the table, and write it where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=20)
    parser.add_argument("--first-seed", type=int, default=EVALUATED)
    parser.add_argument("--requests", type=int, default=2000, help="of the trace, from its start")
    parser.add_argument("--seconds", type=float, default=3600.0, help="over which they are spread")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--write", type=Path, help="put the table into this page, between its two marks")
    given = parser.parse_args()
    seeds = range(given.first_seed, given.first_seed + given.worlds)
    worlds = [made(seed, arrivals(given.requests, given.seconds)) for seed in seeds]
    bounds = [optimum(world) for world in worlds]
    tasks = [(strategy, seed, given.requests, given.seconds) for seed in seeds for strategy in STRATEGIES]
    with ProcessPoolExecutor(given.processes) as pool:
        outcomes = list(track(pool.map(outcome_of, tasks), total=len(tasks), description="worlds"))
    results = {name: [one for one in outcomes if one.strategy == name] for name in STRATEGIES}
    table = markdown(rows(results, worlds, bounds))
    print(table)
    missed = misses(results, worlds, bounds, OURS)
    lost = "\n".join(f"- {line}" for line in worlds_lost(results, OURS)) or "- none"
    print(f"\nworlds in which another was cheaper at equal or better success and p95:\n{lost}")
    print("\n".join(["", *missed]) if missed else "\nevery promise holds")
    if given.write:
        page = given.write.read_text()
        before, rest = page.split(BEGIN, 1)
        given.write.write_text(f"{before}{BEGIN}\n\n{table}\n\n{lost}\n\n{END}{rest.split(END, 1)[1]}")
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
