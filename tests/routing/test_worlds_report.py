"""The benchmark of routing goes on where it was interrupted, and says plainly what does not hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from benchmarks.routing_worlds.__main__ import STRATEGIES, Task, outcomes_of
from benchmarks.routing_worlds.kept import keep
from benchmarks.routing_worlds.optimum import optimum
from benchmarks.routing_worlds.outcomes import OURS, Outcome
from benchmarks.routing_worlds.report import BEGIN, END, Report
from benchmarks.routing_worlds.worlds import World, made
from scalix.demo.traffic.trace import arrivals

if TYPE_CHECKING:
    from pathlib import Path

REQUESTS, SECONDS = 100, 180.0


def _outcome(world: World, strategy: str, cost: float, answered: int = REQUESTS, p95: float = 0.9) -> Outcome:
    """Costs and durations are in units of the optimum and of the limit."""
    return Outcome(
        strategy,
        world.seed,
        cost_usd=cost * optimum(world).cost_usd,
        requests=REQUESTS,
        answered=answered,
        durations_s=[p95 * world.limit_s] * answered,
    )


def _report(own: Outcome, *others: Outcome, planned: int = 1) -> Report:
    world = made(own.seed, arrivals(REQUESTS, SECONDS))
    report = Report(planned)
    report.add(world, optimum(world), {one.strategy: one for one in (own, *others)})
    return report


def test_what_was_computed_is_not_computed_again(tmp_path: Path) -> None:
    world = made(3, arrivals(REQUESTS, SECONDS))
    tasks: list[Task] = [(name, 3, REQUESTS, SECONDS) for name in STRATEGIES]
    for task in tasks:
        keep(tmp_path, task, _outcome(world, task[0], 1.01))
    assert [outcome.strategy for _, outcome in outcomes_of(tasks, tmp_path, processes=1)] == list(STRATEGIES)
    assert len(list(tmp_path.iterdir())) == len(STRATEGIES)


@pytest.mark.parametrize(
    ("own", "other", "said"),
    [
        ({"cost": 1.01}, {"cost": 1.02}, []),
        ({"cost": 1.06}, {"cost": 1.07}, ["cost 6.0% above the optimum"] * 2),
        ({"cost": 1.01, "answered": 99}, {"cost": 1.02}, ["success 99.00%"]),
        ({"cost": 1.01, "p95": 1.02}, {"cost": 1.02}, ["p95 2.0% above the limit"]),
        ({"cost": 1.01}, {"cost": 0.99, "p95": 1.02}, []),
        ({"cost": 1.01}, {"cost": 0.99}, ["least-busy cheaper at equal or better success and p95"] * 2),
    ],
)
def test_every_line_that_does_not_hold_is_said(own: dict[str, float], other: dict[str, float], said: list[str]) -> None:
    world = made(3, arrivals(REQUESTS, SECONDS))
    losses = _report(_outcome(world, OURS, **own), _outcome(world, "least-busy", **other)).losses()  # type: ignore[arg-type]  # answered is whole
    assert len(losses) == len(said)
    assert all(part in line for part, line in zip(said, losses, strict=True))


def test_the_page_holds_what_is_done_so_far_with_its_losses(tmp_path: Path) -> None:
    world = made(3, arrivals(REQUESTS, SECONDS))
    page = tmp_path / "page.md"
    page.write_text(f"before {BEGIN} old {END} after")
    _report(_outcome(world, OURS, 1.06), _outcome(world, "least-busy", 1.2), planned=20).write(page)
    written = page.read_text()
    assert written.startswith("before ")
    assert written.endswith(" after")
    assert " old " not in written
    assert "1 of 20 worlds so far." in written
    assert "| least-busy | 1.200 |" in written
    assert "cost 6.0% above the optimum, more than 5%" in written
