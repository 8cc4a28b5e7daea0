"""``make bench-routing``: LiteLLM's strategies and Scalix in generated worlds, against a clairvoyant's bound.

Real LiteLLM Routers, with all their retries, cooldowns and callbacks, call a provider registered with LiteLLM. Only
time is not real: an hour of a production service's traffic passes as fast as it can be computed. Every outcome is kept
as soon as it is there, so a run that was interrupted goes on where it was. Ends with 1 when a line does not hold.
"""

from __future__ import annotations

import argparse
import os
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.routing_worlds.kept import keep, kept
from benchmarks.routing_worlds.optimum import optimum
from benchmarks.routing_worlds.outcomes import OURS
from benchmarks.routing_worlds.report import Report
from benchmarks.routing_worlds.virtual_time import virtual_loop
from benchmarks.routing_worlds.worlds import made
from scalix.demo.traffic.trace import arrivals

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.routing_worlds.outcomes import Outcome

Task = tuple[str, int, int, float]
"""Strategy, seed, requests, and the seconds over which they are spread."""

EVALUATED = 1000
"""The first seed of the worlds that are reported; the policy was tuned on seeds below 100."""
STRATEGIES = (
    OURS,
    "simple-shuffle",
    "latency-based-routing",
    "cost-based-routing",
    "usage-based-routing-v2",
    "least-busy",
)


def outcome_of(task: Task) -> Outcome:
    """One strategy in one world."""
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    from benchmarks.routing_worlds.routers import run_router  # noqa: PLC0415  LiteLLM takes seconds

    strategy, seed, requests, seconds = task
    with virtual_loop() as loop:
        return loop.run_until_complete(run_router(strategy, made(seed, arrivals(requests, seconds)), loop))


def outcomes_of(tasks: Sequence[Task], folder: Path, processes: int | None) -> Iterator[tuple[Task, Outcome]]:
    """Those that are kept first, then each as soon as it is there."""
    missing = []
    for task in tasks:
        known = kept(folder, task)
        if known is None:
            missing.append(task)
        else:
            yield task, known
    pool = ProcessPoolExecutor(processes)
    try:
        running = {pool.submit(outcome_of, task): task for task in missing}
        for future in as_completed(running):
            keep(folder, running[future], future.result())
            yield running[future], future.result()
    finally:
        pool.shutdown(cancel_futures=True)


def run(tasks: Sequence[Task], report: Report, given: argparse.Namespace) -> None:
    """Go through all tasks and say how far it is; a world is told, and written, when all strategies are through it."""
    begun, by_world = time.monotonic(), dict[int, dict[str, "Outcome"]]()
    for done, (task, outcome) in enumerate(outcomes_of(tasks, given.keep, given.processes), 1):
        strategy, seed, requests, seconds = task
        print(f"[{done}/{len(tasks)}, {time.monotonic() - begun:.0f} s] world {seed}, {strategy}", flush=True)
        outcomes = by_world.setdefault(seed, {})
        outcomes[strategy] = outcome
        if len(outcomes) < len(STRATEGIES):
            continue
        world = made(seed, arrivals(requests, seconds))
        ordered = {name: outcomes[name] for name in STRATEGIES}
        print(report.add(world, optimum(world), ordered).line(), flush=True)
        if given.write:
            report.write(given.write)


def main() -> int:
    """Run all worlds, print the tables, and write them where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=20)
    parser.add_argument("--first-seed", type=int, default=EVALUATED)
    parser.add_argument("--requests", type=int, default=2000, help="of the trace, from its start")
    parser.add_argument("--seconds", type=float, default=3600.0, help="over which they are spread")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--write", type=Path, help="put the tables into this page, between its two marks")
    parser.add_argument("--keep", type=Path, default=Path("build/routing-worlds"), help="where outcomes are kept")
    given = parser.parse_args()
    seeds = range(given.first_seed, given.first_seed + given.worlds)
    report = Report(planned=given.worlds)
    run([(strategy, seed, given.requests, given.seconds) for seed in seeds for strategy in STRATEGIES], report, given)
    print(f"\n{report.markdown()}")
    losses = report.losses()
    print("\n".join(["", *losses]) if losses else "\nevery line holds")
    return 1 if losses else 0


if __name__ == "__main__":
    raise SystemExit(main())
