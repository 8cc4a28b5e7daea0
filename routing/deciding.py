"""The decision: candidates in, a choice with its reasons out. Pure arithmetic: it can be recomputed to the bit."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from .policy import OPEN, RULES, Asked, Candidate, Decision, Policy
from .scoring import able_places, rates_of, scores_of, within_limits

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
    rates = rates_of(candidates, policy)
    scores = scores_of(asked, candidates, policy, rates)
    allowed, working, reason = _allowed(asked, candidates, policy, rates)
    best = min([scores[place] for place in allowed])
    explored = _explored(candidates, scores, best, working, policy) if len(working) > 1 else ()
    probabilities = _probabilities(scores, best, allowed, policy.temperature)
    if explored:
        left = 1 - sum(explored)
        probabilities = [left * chance for chance in probabilities]
        for place, share in zip(working, explored, strict=True):
            probabilities[place] += share
    chosen = _pick(probabilities, draw)
    if reason is None or chosen not in allowed:
        reason = _reason(scores[chosen], best, policy, explored=chosen not in allowed)
    return Decision(
        asked=asked,
        candidates=candidates,
        policy=policy,
        draw=draw,
        scores=scores,
        probabilities=probabilities,
        chosen=chosen,
        reason=reason,
        rules=RULES,
    )


def _allowed(
    asked: Asked, candidates: Sequence[Candidate], policy: Policy, rates: Sequence[float]
) -> tuple[list[int], list[int], str | None]:
    """Which may be chosen for their score, which may be explored, and what to say when that is not the usual case."""
    capable = able_places(asked, candidates)
    # One whose breaker is half open takes part: no second call is sent to it until the first has ended.
    states = [one.breaker for one in candidates]
    working = [place for place in capable if states[place] != OPEN] if OPEN in states else capable
    if not capable:
        everyone = list(range(len(candidates)))
        return everyone, everyone, "no deployment is known to be able to do what is asked"
    if not working:
        return capable, capable, "every deployment has been failing"
    least, ttft = policy.least_success, asked.stream and policy.most_ttft_p95_s is not None
    if not ttft and min(rates) >= least:
        return working, working, None
    good = [
        place
        for place in working
        if (rates[place] >= least and not ttft) or within_limits(asked, candidates[place], policy, rates[place])
    ]
    return (good, working, None) if good else (working, working, "no deployment is within the limits")


def _probabilities(scores: list[float], best: float, allowed: list[int], temperature: float) -> list[float]:
    """Mostly the best and what comes close to it."""
    scale, exp = temperature * best, math.exp
    probabilities = [0.0] * len(scores)
    for place in allowed:
        score = scores[place]
        probabilities[place] = exp((best - score) / scale) if scale > 0 else float(score == best)
    total = sum(probabilities)
    return [weight / total for weight in probabilities]


def _explored(
    candidates: Sequence[Candidate], scores: list[float], best: float, working: list[int], policy: Policy
) -> list[float]:
    """The share of requests that each gets to be looked at: a little, more for the cheap and the hardly known."""
    promise = [(best / score) ** _PROMISE if (score := scores[place]) > best else 1.0 for place in working]
    each = policy.exploration / sum(promise)
    shares = [each * part for part in promise]
    curious, hope = policy.curiosity, best * _HOPELESS
    if curious:
        for nth, place in enumerate(working):
            if best < scores[place] < hope:
                one = candidates[place]
                if one.successes + one.failures < _HARDLY_KNOWN:
                    shares[nth] += curious
    return shares


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


def _reason(score: float, best: float, policy: Policy, *, explored: bool) -> str:
    if explored or score > best * (1 + _FAR * policy.temperature):
        return "exploring: a small share goes to other deployments, to find those that have become better"
    return "lowest expected cost of an answer" if score == best else "nearly as cheap as the best"
