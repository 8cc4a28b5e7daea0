"""The clairvoyant's bound: what the cheapest policy can expect to pay in a world while it keeps the limits.

The clairvoyant knows prices, cache shares, outages, brown-outs and rate limits of every moment, and how many tokens an
answer will have when it weighs costs, though not the luck of a single attempt. What fails it asks the same deployment
again, at no further cost. It may be late for one request in twenty, and spends that wherever it saves most, also in the
middle of a brown-out: a linear program with one constraint across requests, solved by putting a price on being late and
bisecting it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from benchmarks.routing_worlds.worlds import ALLOWED_LATE, QUOTA_WINDOW_S

if TYPE_CHECKING:
    from benchmarks.routing_worlds.worlds import Deployment, World
    from scalix.demo.traffic.trace import Arrival

ROUNDS = 30
_HALF = 0.5


@dataclass(frozen=True)
class Bound:
    """Expected dollars for all requests, the share of late answers, and of requests that nobody had room for."""

    cost_usd: float
    late: float
    refused: float


def optimum(world: World) -> Bound:
    """The least that keeps the limit."""
    known = _Known(world)
    cheapest = known.bound(0.0)
    if cheapest.late <= ALLOWED_LATE:
        return cheapest
    low, high = 0.0, 1.0
    for _ in range(ROUNDS):
        middle = (low + high) / 2
        low, high = (middle, high) if known.bound(middle).late > ALLOWED_LATE else (low, middle)
    over, kept = known.bound(low), known.bound(high)
    if kept.late > ALLOWED_LATE or over.late == kept.late:
        return kept
    # Between the two, requests are split so that exactly the share that is allowed is late.
    part = (ALLOWED_LATE - kept.late) / (over.late - kept.late)
    return Bound(part * over.cost_usd + (1 - part) * kept.cost_usd, ALLOWED_LATE, kept.refused)


def found_share(one: Deployment) -> float:
    """Of a prompt, found in the cache on average: what fate draws is cut off at the whole of it."""
    share = one.cache_share
    return share if share <= _HALF else 1 - _HALF**2 / share


@dataclass
class _Known:
    world: World
    _late: dict[tuple[str, bool], float] = field(default_factory=dict)

    def late(self, one: Deployment, asked: Arrival) -> float:
        slow = one.brownout[0] <= asked.at_s < one.brownout[1]
        if (one.name, slow) not in self._late:
            self._late[one.name, slow] = one.late_share(asked.at_s, self.world.arrivals, self.world.limit_s)
        return self._late[one.name, slow]

    def bound(self, late_usd: float) -> Bound:
        """Every request, as it comes, takes the least of what is up and has room, when being late costs so much."""
        used: dict[tuple[str, int], int] = {}
        cost = late = 0.0
        refused = 0
        for asked in self.world.arrivals:
            window = int(asked.at_s // QUOTA_WINDOW_S)
            offers = [
                (one.cost(asked.at_s, asked, found_share(one)) + late_usd * self.late(one, asked), place)
                for place, one in enumerate(self.world.deployments)
                if not one.down(asked.at_s) and used.get((one.name, window), 0) < one.quota
            ]
            if not offers:
                refused += 1
                continue
            best = self.world.deployments[min(offers)[1]]
            used[best.name, window] = used.get((best.name, window), 0) + 1
            cost += best.cost(asked.at_s, asked, found_share(best))
            late += self.late(best, asked)
        return Bound(cost, late / len(self.world.arrivals), refused / len(self.world.arrivals))
