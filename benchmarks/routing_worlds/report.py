"""The tables: every strategy over all worlds beside the optimum, and how Scalix fared in each of them."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from benchmarks.routing_worlds.outcomes import OURS
from benchmarks.routing_worlds.verdicts import MOST_ABOVE, Verdict, verdict
from benchmarks.routing_worlds.worlds import KEPT_SUCCESS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from benchmarks.routing_worlds.optimum import Bound
    from benchmarks.routing_worlds.outcomes import Outcome
    from benchmarks.routing_worlds.worlds import World

BEGIN, END = "<!-- table: written by make bench-routing -->", "<!-- end of table -->"
STRATEGIES = ("strategy", "cost to optimum", "worst world", "success", "p95 to limit", "worlds within both limits")
WORLDS = ("world", "success", "cost to optimum", "p95 to limit", "what does not hold")


@dataclass(frozen=True)
class Means:
    """One strategy over all worlds."""

    cost: float
    worst: float
    success: float
    p95: float
    """The median of worlds: one of them may be endless."""
    kept: int
    """Worlds in which both limits were."""


@dataclass
class Report:
    """Of the worlds that are done so far."""

    planned: int
    worlds: list[tuple[World, Bound, Mapping[str, Outcome]]] = field(default_factory=list)

    def add(self, world: World, bound: Bound, outcomes: Mapping[str, Outcome]) -> Verdict:
        """Take in a world that every strategy has gone through."""
        self.worlds.append((world, bound, outcomes))
        return verdict(world, bound, outcomes)

    def verdicts(self) -> list[Verdict]:
        """One for each world, by seed."""
        return sorted((verdict(*one) for one in self.worlds), key=lambda one: one.seed)

    def means(self) -> dict[str, Means]:
        """Of each strategy. Cost counts only answered requests, so it flatters who answers fewer."""
        return {name: self._means(name) for name in self.worlds[0][2]}

    def _means(self, name: str) -> Means:
        outcomes = [(outcomes[name], world, bound) for world, bound, outcomes in self.worlds]
        costs = [one.cost_usd / bound.cost_usd for one, _, bound in outcomes]
        return Means(
            cost=statistics.mean(costs),
            worst=max(costs),
            success=statistics.mean(one.success for one, _, _ in outcomes),
            p95=statistics.median(one.p95_s / world.limit_s for one, world, _ in outcomes),
            kept=sum(one.success >= KEPT_SUCCESS and one.p95_s <= world.limit_s for one, world, _ in outcomes),
        )

    def losses(self) -> list[str]:
        """What does not hold, in one world or over all of them."""
        means = self.means()
        own = means[OURS]
        lost = [f"world {one.seed}: {line}" for one in self.verdicts() for line in one.losses()]
        if own.cost > 1 + MOST_ABOVE:
            lost.append(f"all worlds: cost {own.cost - 1:.1%} above the optimum, more than {MOST_ABOVE:.0%}")
        return lost + [
            f"all worlds: {name} cheaper at equal or better success and p95"
            for name, other in means.items()
            if name != OURS and other.cost < own.cost and other.success >= own.success and other.p95 <= own.p95
        ]

    def markdown(self) -> str:
        """Both tables as they stand in the documentation, losses included."""
        parts = [] if len(self.worlds) == self.planned else [f"{len(self.worlds)} of {self.planned} worlds so far."]
        parts.append(_table(STRATEGIES, (_row(name, one, len(self.worlds)) for name, one in self.means().items())))
        parts.append("Scalix in each world:")
        parts.append(_table(WORLDS, map(_world, self.verdicts())))
        return "\n\n".join(parts)

    def write(self, page: Path) -> None:
        """Put the tables between the page's two marks."""
        before, rest = page.read_text().split(BEGIN, 1)
        page.write_text(f"{before}{BEGIN}\n\n{self.markdown()}\n\n{END}{rest.split(END, 1)[1]}")


def _row(name: str, one: Means, worlds: int) -> tuple[str, ...]:
    return (
        name,
        f"{one.cost:.3f}",
        f"{one.worst:.3f}",
        f"{one.success:.2%}",
        f"{one.p95:.2f}",
        f"{one.kept} of {worlds}",
    )


def _world(one: Verdict) -> tuple[str, ...]:
    return (
        str(one.seed),
        f"{one.success:.2%}",
        f"{one.cost:.3f}",
        f"{one.p95:.2f}",
        "; ".join(one.losses()) or "nothing",
    )


def _table(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [columns, tuple("---" for _ in columns), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
