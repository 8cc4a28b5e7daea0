"""The decision: candidates in, a choice with its reasons out. Pure arithmetic: it can be recomputed to the bit."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from .policy import OPEN, Asked, Candidate, Decision, Policy
from .scoring import able, scores_of, success_rate, within_limits

if TYPE_CHECKING:
    from collections.abc import Sequence

_FAR = 5.0
"""So many temperatures from the best, less than a hundredth of its chance is left."""
_PROMISE = 4
"""How fast exploration falls with price: what is twice as dear gets a sixteenth of the attention."""
_HARDLY_KNOWN = 10
"""Attempts below which a candidate's price says little: its cache, discount and speed are still to be seen."""
_HOPELESS = 1.4
"""Times the best score, beyond which they would not help."""


def decide(asked: Asked, candidates: list[Candidate], policy: Policy, draw: float) -> Decision:
    """Choose one of the candidates, of which there must be at least one."""
    rates = [success_rate(one, policy) for one in candidates]
    scores = scores_of(asked, candidates, policy, rates)
    allowed, working, reason = _allowed(asked, candidates, policy, rates)
    unknown = [one.successes + one.failures < _HARDLY_KNOWN for one in candidates]
    probabilities = _probabilities(scores, allowed, working, unknown, policy)
    chosen = _pick(probabilities, draw)
    if reason is None or chosen not in allowed:
        reason = _reason(scores, allowed, chosen, policy)
    return Decision(
        asked=asked,
        candidates=candidates,
        policy=policy,
        draw=draw,
        scores=scores,
        probabilities=probabilities,
        chosen=chosen,
        reason=reason,
    )


def _allowed(
    asked: Asked, candidates: Sequence[Candidate], policy: Policy, rates: Sequence[float]
) -> tuple[list[int], list[int], str | None]:
    """Which may be chosen for their score, which may be explored, and what to say when that is not the usual case."""
    capable = [place for place, one in enumerate(candidates) if able(asked, one)]
    # One whose breaker is half open takes part: no second call is sent to it until the first has ended.
    working = [place for place in capable if candidates[place].breaker != OPEN]
    if not capable:
        everyone = list(range(len(candidates)))
        return everyone, everyone, "no deployment is known to be able to do what is asked"
    if not working:
        return capable, capable, "every deployment has been failing"
    good = [place for place in working if within_limits(asked, candidates[place], policy, rates[place])]
    return (good, working, None) if good else (working, working, "no deployment is within the limits")


def _probabilities(
    scores: list[float], allowed: list[int], working: list[int], unknown: list[bool], policy: Policy
) -> list[float]:
    """Mostly the best and what comes close to it; a little to everybody, more of that to the cheap and the unknown."""
    best = min([scores[place] for place in allowed])
    scale = policy.temperature * best
    probabilities = [0.0] * len(scores)
    weights = (
        [math.exp((best - scores[place]) / scale) for place in allowed]
        if scale > 0
        else [float(scores[place] == best) for place in allowed]
    )
    total = sum(weights)
    explored = _explored(scores, best, working, unknown, policy) if len(working) > 1 else ()
    left = 1 - sum(explored)
    for place, weight in zip(allowed, weights, strict=True):
        probabilities[place] = left * weight / total
    for place, share in zip(working, explored, strict=False):
        probabilities[place] += share
    return probabilities


def _explored(scores: list[float], best: float, working: list[int], unknown: list[bool], policy: Policy) -> list[float]:
    """The share of requests that each gets to be looked at."""
    promise = [(best / scores[place]) ** _PROMISE if scores[place] > best else 1.0 for place in working]
    each = policy.exploration / sum(promise)
    hope = best * _HOPELESS
    curious = policy.curiosity
    return [
        each * part + (curious if unknown[place] and best < scores[place] < hope else 0.0)
        for place, part in zip(working, promise, strict=True)
    ]


def _pick(probabilities: list[float], draw: float) -> int:
    up_to = 0.0
    last = 0
    for place, probability in enumerate(probabilities):
        if probability > 0:
            up_to += probability
            last = place
            if draw < up_to:
                return place
    return last


def _reason(scores: list[float], allowed: list[int], chosen: int, policy: Policy) -> str:
    best = min([scores[place] for place in allowed])
    if chosen not in allowed or scores[chosen] > best * (1 + _FAR * policy.temperature):
        return "exploring: a small share goes to other deployments, to find those that have become better"
    return "lowest expected cost of an answer" if scores[chosen] == best else "nearly as cheap as the best"
