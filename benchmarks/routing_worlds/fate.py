"""What becomes of one attempt in a world: pure luck by seed, and the rate limits that depend on what came before."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

from benchmarks.routing_worlds.worlds import ERRORS, QUOTA_WINDOW_S, SPREAD

if TYPE_CHECKING:
    from benchmarks.routing_worlds.worlds import Deployment, World

REFUSED_S = 0.05
"""A rate limit or an outage is told at once."""


@dataclass(frozen=True)
class Fate:
    """After so many seconds: an answer that costs so much, or an error."""

    after_s: float
    error: str | None = None
    """``429``, ``500`` or ``503``."""
    retry_after_s: float | None = None
    cost_usd: float = 0.0
    cached_tokens: int = 0


@dataclass
class Fates:
    """Of one strategy in one world: counts what each deployment was asked."""

    world: World
    _used: dict[tuple[str, int], int] = field(default_factory=dict)
    _asked: dict[tuple[int, str], int] = field(default_factory=dict)

    def of(self, request: int, one: Deployment, at_s: float) -> Fate:
        """What becomes of this request's next attempt at a deployment, asked so many seconds after the start."""
        times = self._asked[request, one.name] = self._asked.get((request, one.name), 0) + 1
        if one.down(at_s):
            return Fate(REFUSED_S, "503")
        window = int(at_s // QUOTA_WINDOW_S)
        used = self._used[one.name, window] = self._used.get((one.name, window), 0) + 1
        if used > one.quota:
            return Fate(REFUSED_S, "429", retry_after_s=(window + 1) * QUOTA_WINDOW_S - at_s)
        rng = Random(f"{self.world.seed} {request} {one.name} {times}")
        asked = self.world.arrivals[request]
        takes = one.median_s(at_s, asked) * rng.lognormvariate(0, SPREAD)
        if rng.random() < ERRORS:
            return Fate(takes * rng.random(), "500")
        cached = int(asked.context_tokens * min(rng.uniform(0, 2 * one.cache_share), 1.0))
        share = cached / asked.context_tokens if asked.context_tokens else 0.0
        return Fate(takes, cost_usd=one.cost(at_s, asked, share), cached_tokens=cached)
