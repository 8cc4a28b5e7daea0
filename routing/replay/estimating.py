"""What another way of choosing would have come to, estimated from what was chosen, with its uncertainty.

The estimator is doubly robust (Dudík, Langford, Li, "Doubly robust policy evaluation and learning", ICML 2011). Every
request is priced at each candidate by a model, the price book and the tokens the request really used; how far the model
was off at the deployment that was really asked then corrects it, weighted by how much more probable that deployment is
under the other policy. With known probabilities it is right on average whether the model is right or not, as long as
everything that would be chosen was chosen sometimes.

All figures are per request and paired: a request is compared with itself.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from routing.scoring import answer_cost

if TYPE_CHECKING:
    from routing.policy import Candidate
    from routing.replay.traffic import Request

CONFIDENCE = 1.96
"""Standard errors on each side: 95 %."""
FEWEST_REQUESTS = 100
FEWEST_EFFECTIVE = 50.0
"""Below, the normal approximation of the interval is not to be trusted."""
MOST_UNTRIED = 0.02
"""Share of choices that may fall on deployments never chosen in their place, about which only the model speaks."""

Chances = Callable[["Request"], Sequence[float]]
"""With which probability each candidate of a request would be chosen."""


@dataclass(frozen=True)
class Estimate:
    """Means over requests, each with the half-width of its interval."""

    requests: int
    recorded: float
    estimated: float
    difference: float
    """Estimated less recorded: negative is cheaper, or faster."""
    within: float
    """The difference lies within so much, 19 times in 20."""
    effective: float
    """So many requests, had they been chosen by the other policy, would tell as much (Kish's effective sample size)."""
    untried: float
    refused: str | None
    """Why nothing is claimed; the figures are then not to be relied on."""

    @property
    def decided(self) -> bool:
        """Whether the difference is more than chance."""
        return self.refused is None and abs(self.difference) > self.within


@dataclass(frozen=True)
class Measure:
    """What is compared: how it came out, and what the model says of a candidate."""

    outcome: Callable[[Request], float]
    model: Callable[[Request, Candidate], float]


def cost_measure(price_of: Callable[[str], float] = lambda _: 1.0) -> Measure:
    """Dollars for a request, with prices multiplied by ``price_of`` a deployment."""
    return Measure(
        lambda one: one.cost_usd * price_of(one.decision.deployment_id),
        lambda one, candidate: _cost_at(one, candidate) * price_of(candidate.deployment_id),
    )


SECONDS = Measure(lambda one: one.seconds, lambda one, candidate: candidate.latency_s or one.seconds)
ANSWERED = Measure(lambda one: float(one.answered), lambda _one, _candidate: 1.0)


def estimate(requests: Sequence[Request], chances: Chances, measure: Measure, was: Measure | None = None) -> Estimate:
    """What requests would have come to with these chances. Nothing is claimed from too few, or of what was not tried.

    ``was`` measures what was recorded, where that is not the same: at the prices of then.
    """
    if not requests:
        return Estimate(0, 0.0, 0.0, 0.0, math.inf, 0.0, 0.0, "no request was recorded")
    differences, weights, untried, before = [], [], 0.0, []
    for one in requests:
        new, old = chances(one), one.decision.probabilities
        place = one.decision.chosen
        weight = new[place] / old[place]
        # Which deployment happened to be drawn is taken out of what was recorded in the same way, which leaves its mean
        # as it is and lets a request be compared with itself.
        differences.append(_value(one, new, measure, weight) - _value(one, old, was or measure, 1.0))
        before.append((was or measure).outcome(one))
        weights.append(weight)
        untried += sum(chance for chance, was in zip(new, old, strict=True) if was == 0.0)
    return _summed(differences, before, weights, untried / len(requests))


def _value(one: Request, chances: Sequence[float], measure: Measure, weight: float) -> float:
    """The model's word for each candidate, corrected by how far it was off at the one that was asked."""
    known = [measure.model(one, candidate) for candidate in one.decision.candidates]
    expected = sum(chance * value for chance, value in zip(chances, known, strict=True))
    return expected + weight * (measure.outcome(one) - known[one.decision.chosen])


def _summed(
    differences: Sequence[float], before: Sequence[float], weights: Sequence[float], untried: float
) -> Estimate:
    count = len(differences)
    total, squares = sum(weights), sum(weight * weight for weight in weights)
    effective = total * total / squares if squares else 0.0
    spread = statistics.stdev(differences) / math.sqrt(count) if count > 1 else math.inf
    mean = statistics.fmean(differences)
    recorded = statistics.fmean(before)
    return Estimate(
        requests=count,
        recorded=recorded,
        estimated=recorded + mean,
        difference=mean,
        within=CONFIDENCE * spread,
        effective=effective,
        untried=untried,
        refused=_refusal(count, effective, untried),
    )


def _refusal(count: int, effective: float, untried: float) -> str | None:
    if count < FEWEST_REQUESTS:
        return f"{count} requests are fewer than {FEWEST_REQUESTS}: replay a longer span"
    if untried > MOST_UNTRIED:
        return f"{untried:.0%} of the choices would fall on deployments that were never chosen in their place"
    if effective < FEWEST_EFFECTIVE:
        return f"the other choice differs so much that the record tells as much as {effective:.0f} requests would"
    return None


def _cost_at(one: Request, candidate: Candidate) -> float:
    known = answer_cost(one.used, candidate)
    return one.cost_usd if known is None else known
