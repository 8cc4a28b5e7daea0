"""Worlds: six deployments with prices, latencies, errors and rate limits of their own, and what befalls them.

A world follows from its seed alone. What happens to one attempt follows from the seed, the request, the deployment and
how often that request has asked it before, so that every strategy meets the same luck.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from random import Random
from statistics import NormalDist
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scalix.demo.traffic.trace import Arrival

DEPLOYMENTS = 6
ERRORS = 0.05
QUOTA_WINDOW_S = 60.0
SPREAD = 0.35
"""Sigma of the lognormal by which an answer's time varies."""
CACHED_PRICE = 0.1
"""Of the price of a prompt token, when it comes from the provider's cache."""
ALLOWED_LATE = 0.05
KEPT_SUCCESS = 0.995


_TWICE = 1.5
"""Answers' time, that a failure and an answer take: an attempt fails after half of it on average."""
_LUCK = NormalDist(0, SPREAD)


@dataclass(frozen=True)
class Deployment:
    """One provider's offer. Prices are dollars for one token."""

    name: str
    input_usd: float
    output_usd: float
    first_token_s: float
    per_token_s: float
    cache_share: float
    """Of prompt tokens, on average found in its cache: the list price does not show it."""
    quota: int
    """Requests in a window of 60 seconds."""
    outage: tuple[float, float] = (0.0, 0.0)
    brownout: tuple[float, float] = (0.0, 0.0)
    slower: float = 1.0
    """In the brown-out."""
    change_s: float = math.inf
    change: float = 1.0
    """What prices are multiplied by from then on."""

    def prices(self, at_s: float) -> tuple[float, float]:
        """Dollars for a token of prompt and answer."""
        factor = self.change if at_s >= self.change_s else 1.0
        return self.input_usd * factor, self.output_usd * factor

    def cost(self, at_s: float, asked: Arrival, cache_share: float | None = None) -> float:
        """Dollars for an answer, with this or the average share of the prompt in the cache."""
        share = self.cache_share if cache_share is None else cache_share
        fresh, output = self.prices(at_s)
        prompt = asked.context_tokens * fresh * (1 - share * (1 - CACHED_PRICE))
        return prompt + asked.generated_tokens * output

    def median_s(self, at_s: float, asked: Arrival) -> float:
        """How long an answer takes, half of the time."""
        slower = self.slower if self.brownout[0] <= at_s < self.brownout[1] else 1.0
        return (self.first_token_s + self.per_token_s * asked.generated_tokens) * slower

    def late_chance(self, at_s: float, asked: Arrival, limit_s: float) -> float:
        """How probable it is that an answer takes longer than so many seconds."""
        return 1 - _LUCK.cdf(math.log(limit_s / self.median_s(at_s, asked)))

    def late_share(self, at_s: float, arrivals: Sequence[Arrival], limit_s: float) -> float:
        """The same for any request, its answer's length not being known, and one in twenty being tried twice."""
        some = arrivals[:: max(len(arrivals) // 200, 1)]
        once = sum(self.late_chance(at_s, asked, limit_s) for asked in some) / len(some)
        twice = sum(self.late_chance(at_s, asked, limit_s / _TWICE) for asked in some) / len(some)
        return (1 - ERRORS) * once + ERRORS * twice

    def down(self, at_s: float) -> bool:
        """Whether nothing is answered at this moment."""
        return self.outage[0] <= at_s < self.outage[1]


@dataclass(frozen=True)
class World:
    """Everything there is to know about one world."""

    seed: int
    arrivals: tuple[Arrival, ...]
    deployments: tuple[Deployment, ...]
    limit_s: float
    """What the slowest twentieth of requests may not exceed."""


def made(seed: int, arrivals: Sequence[Arrival]) -> World:
    """The world of a seed, with this traffic."""
    rng = Random(f"world {seed}")
    span = arrivals[-1].at_s
    per_window = len(arrivals) / span * QUOTA_WINDOW_S
    offers = [_offer(rng, place, per_window) for place in range(DEPLOYMENTS)]
    befallen = _befall(rng, offers, span)
    order = list(range(DEPLOYMENTS))
    rng.shuffle(order)  # the order in a Router's list says nothing about the price
    chosen = tuple(replace(befallen[place], name=f"d{name}") for name, place in enumerate(order))
    return World(seed=seed, arrivals=tuple(arrivals), deployments=chosen, limit_s=_limit(chosen, arrivals))


def _offer(rng: Random, place: int, per_window: float) -> Deployment:
    input_usd = 0.4e-6 * 1.15**place * rng.lognormvariate(0, 0.1)
    return Deployment(
        name="",
        input_usd=input_usd,
        output_usd=input_usd * 4 * rng.lognormvariate(0, 0.2),
        first_token_s=rng.uniform(0.3, 1.2),
        per_token_s=rng.uniform(0.004, 0.015),
        cache_share=rng.uniform(0.0, 0.6),
        quota=round(per_window * rng.uniform(1.5, 4.0)),
    )


def _befall(rng: Random, offers: list[Deployment], span: float) -> list[Deployment]:
    """An outage and a brown-out of two of the three cheapest, and one price that changes."""
    down, slow = rng.sample(range(3), 2)
    changed = rng.randrange(DEPLOYMENTS)
    told = list(offers)
    told[down] = replace(told[down], outage=_window(rng, span))
    told[slow] = replace(told[slow], brownout=_window(rng, span), slower=rng.uniform(4, 8))
    factor = rng.uniform(1.5, 2.5) if changed < DEPLOYMENTS / 2 else rng.uniform(0.3, 0.6)
    told[changed] = replace(told[changed], change_s=rng.uniform(0.3, 0.7) * span, change=factor)
    return told


def _window(rng: Random, span: float) -> tuple[float, float]:
    start = rng.uniform(0.1, 0.75) * span
    return start, start + rng.uniform(0.08, 0.15) * span


def _limit(deployments: Sequence[Deployment], arrivals: Sequence[Arrival]) -> float:
    """Halfway between what the two slowest keep on a quiet day: it rules out one of the six."""
    *_, second, slowest = sorted(quiet_p95(one, arrivals) for one in deployments)
    return (second + slowest) / 2


def quiet_p95(one: Deployment, arrivals: Sequence[Arrival]) -> float:
    """What one answer in twenty takes longer than, while nothing is wrong."""
    low, high = 0.01, 600.0
    quiet = replace(one, slower=1.0)
    while high - low > 0.001:
        middle = (low + high) / 2
        late = quiet.late_share(0.0, arrivals, middle)
        low, high = (middle, high) if late > ALLOWED_LATE else (low, middle)
    return high
