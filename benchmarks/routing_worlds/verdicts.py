"""What holds of Scalix in one world, and what does not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.routing_worlds.outcomes import OURS
from benchmarks.routing_worlds.worlds import KEPT_SUCCESS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from benchmarks.routing_worlds.optimum import Bound
    from benchmarks.routing_worlds.outcomes import Outcome
    from benchmarks.routing_worlds.worlds import World

MOST_ABOVE = 0.05


@dataclass(frozen=True)
class Verdict:
    """Of one world."""

    seed: int
    success: float
    possible: bool
    """Whether the world allows the success rate: the clairvoyant finds room for as many requests."""
    cost: float
    """Dollars for each dollar of the optimum."""
    p95: float
    """Seconds for each second of the limit."""
    cheaper: tuple[tuple[str, float], ...]
    """LiteLLM's strategies at equal or better success and p95 that were, and their cost for each of our dollars."""

    def losses(self) -> list[str]:
        """Each line that does not hold."""
        lost = []
        if self.success < KEPT_SUCCESS and self.possible:
            lost.append(f"success {self.success:.2%}, less than {KEPT_SUCCESS:.1%}")
        if self.cost > 1 + MOST_ABOVE:
            lost.append(f"cost {self.cost - 1:.1%} above the optimum, more than {MOST_ABOVE:.0%}")
        if self.p95 > 1:
            lost.append(f"p95 {self.p95 - 1:.1%} above the limit")
        return lost + [
            f"{name} cheaper at equal or better success and p95, at {cost:.1%} of our cost"
            for name, cost in self.cheaper
        ]

    def line(self) -> str:
        """For whoever watches the run."""
        figures = f"success {self.success:.2%}, cost {self.cost:.3f} of the optimum, p95 {self.p95:.2f} of the limit"
        return f"world {self.seed}: {figures}: {'; '.join(self.losses()) or 'every line holds'}"


def verdict(world: World, bound: Bound, outcomes: Mapping[str, Outcome]) -> Verdict:
    """Of all strategies' outcomes in a world."""
    own = outcomes[OURS]
    return Verdict(
        seed=world.seed,
        success=own.success,
        possible=bound.refused <= 1 - KEPT_SUCCESS,
        cost=own.cost_usd / bound.cost_usd,
        p95=own.p95_s / world.limit_s,
        cheaper=tuple(
            (name, other.cost_usd / own.cost_usd)
            for name, other in outcomes.items()
            if name != OURS
            and other.success >= own.success
            and other.p95_s <= own.p95_s
            and other.cost_usd < own.cost_usd
        ),
    )
