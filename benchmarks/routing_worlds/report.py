"""The table: every strategy over all worlds, beside the optimum."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

from benchmarks.routing_worlds.worlds import KEPT_SUCCESS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.routing_worlds.optimum import Bound
    from benchmarks.routing_worlds.outcomes import Outcome
    from benchmarks.routing_worlds.worlds import World

MOST_ABOVE = 0.05
COLUMNS = ("strategy", "cost to optimum", "worst world", "success", "p95 to limit", "worlds within both limits")

Results = dict[str, list["Outcome"]]
"""Of every strategy, one outcome for each world, in the order of the worlds."""


def rows(results: Results, worlds: Sequence[World], bounds: Sequence[Bound]) -> list[tuple[str, ...]]:
    """One row for each strategy; cost counts only answered requests, so it flatters who answers fewer."""
    told: list[tuple[str, ...]] = []
    for strategy, outcomes in results.items():
        cost, success, slow = _means(outcomes, worlds, bounds)
        worst = max(one.cost_usd / bound.cost_usd for one, bound in zip(outcomes, bounds, strict=True))
        kept = sum(
            one.success >= KEPT_SUCCESS and one.p95_s <= world.limit_s
            for one, world in zip(outcomes, worlds, strict=True)
        )
        told.append(
            (
                strategy,
                f"{cost:.3f}",
                f"{worst:.3f}",
                f"{success:.2%}",
                f"{slow:.2f}",
                f"{kept} of {len(worlds)}",
            )
        )
    return told


def worlds_lost(results: Results, ours: str) -> list[str]:
    """Worlds in which a built-in strategy was cheaper at equal or better success and p95."""
    lost = []
    for place, own in enumerate(results[ours]):
        for strategy, outcomes in results.items():
            other = outcomes[place]
            equal = other.success >= own.success and other.p95_s <= own.p95_s
            if strategy != ours and equal and other.cost_usd < own.cost_usd:
                lost.append(f"world {own.seed}: {strategy}, at {other.cost_usd / own.cost_usd:.1%} of our cost")
    return lost


def misses(results: Results, worlds: Sequence[World], bounds: Sequence[Bound], ours: str) -> list[str]:
    """Which promises do not hold over all worlds."""
    means = {name: _means(outcomes, worlds, bounds) for name, outcomes in results.items()}
    cost, success, slow = means[ours]
    missed = [f"cost is {cost - 1:.1%} above the optimum, more than {MOST_ABOVE:.0%}"] if cost > 1 + MOST_ABOVE else []
    missed += [
        f"world {one.seed}: success {one.success:.2%}"
        for one, bound in zip(results[ours], bounds, strict=True)
        if one.success < KEPT_SUCCESS and bound.refused <= 1 - KEPT_SUCCESS
    ]
    return missed + [
        f"{name} is cheaper at equal or better success and p95"
        for name, (other_cost, other_success, other_slow) in means.items()
        if name != ours and other_cost < cost and other_success >= success and other_slow <= slow
    ]


def _means(outcomes: Sequence[Outcome], worlds: Sequence[World], bounds: Sequence[Bound]) -> tuple[float, float, float]:
    """Cost to the optimum and success on average, and the median of p95 to the limit."""
    return (
        statistics.mean(one.cost_usd / bound.cost_usd for one, bound in zip(outcomes, bounds, strict=True)),
        statistics.mean(one.success for one in outcomes),
        statistics.median(one.p95_s / world.limit_s for one, world in zip(outcomes, worlds, strict=True)),
    )


def markdown(table: Sequence[tuple[str, ...]]) -> str:
    """The table as it stands in the documentation."""
    lines = [COLUMNS, tuple("---" for _ in COLUMNS), *table]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
