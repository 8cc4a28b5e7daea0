"""The decision: candidates in, a choice with its reasons out. Pure arithmetic: it can be recomputed to the bit.

That holds across versions of Python, too: what ``sum`` makes of floats changed with 3.12, ``fsum`` rounds but once.
"""

from __future__ import annotations

from math import exp, fsum
from typing import TYPE_CHECKING

from .policy import OPEN, RULES, Asked, Candidate, Decision, Policy
from .scoring import able_places, rates_of, scores_by, scores_of, within_limits
from .weighing import HARDLY_KNOWN, weighed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .weighing import Weighed

_FAR = 5.0
"""So many temperatures from the best, less than a hundredth of its chance is left."""
_PROMISE = 4.0
"""How fast exploration falls with price: what is twice as dear gets a sixteenth of the attention."""
_HOPELESS = 1.4
"""Times the best score, beyond which they would not help."""


def decide(asked: Asked, candidates: list[Candidate], policy: Policy, draw: float) -> Decision:
    """Choose one of the candidates, of which there must be at least one."""
    return decide_between(asked, [weighed(one, policy) for one in candidates], policy, draw)


def decide_between(asked: Asked, known: Sequence[Weighed], policy: Policy, draw: float) -> Decision:
    """The same for candidates that this policy has weighed."""
    candidates, terms, plain, able, warm = zip(*known)  # noqa: B905 - of one length, and asking whether they are takes longer
    needs_more = asked.tools or asked.vision or asked.stream
    untroubled = len(known) > 1 and min(able if needs_more else plain) >= asked.input_tokens
    reason = None
    if untroubled and not (asked.stream and policy.most_ttft_p95_s is not None):
        scores = scores_by(asked, terms, warm)
        best = min(scores)
        allowed: Sequence[int] = range(len(scores))
        probabilities = _between_all(candidates, scores, best, policy)
    else:
        scores = scores_of(asked, candidates, policy)
        allowed, working, reason = _allowed(asked, candidates, policy, rates_of(candidates, policy))
        best = min([scores[place] for place in allowed])
        probabilities = _between_allowed(candidates, scores, best, (allowed, working), policy)
    chosen = _pick(probabilities, draw)
    if reason is None or chosen not in allowed:
        reason = _reason(scores[chosen], best, policy, explored=chosen not in allowed)
    return Decision(
        asked=asked,
        candidates=list(candidates),
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


def _between_all(candidates: Sequence[Candidate], scores: list[float], best: float, policy: Policy) -> list[float]:
    """Probabilities when all may be chosen and explored, and none is hardly known: as below, in fewer steps."""
    scale = policy.temperature * best
    if scale <= 0:
        everyone = range(len(scores))
        return _between_allowed(candidates, scores, best, (everyone, everyone), policy)
    weights = [exp((best - score) / scale) for score in scores]
    promise = [(best / score) ** _PROMISE for score in scores]
    total, each = fsum(weights), policy.exploration / fsum(promise)
    shares = [each * part for part in promise]
    left = 1 - fsum(shares)
    return [left * (weight / total) + share for weight, share in zip(weights, shares)]  # noqa: B905 - same


def _between_allowed(
    candidates: Sequence[Candidate],
    scores: list[float],
    best: float,
    places: tuple[Sequence[int], Sequence[int]],
    policy: Policy,
) -> list[float]:
    """Probabilities when ``places`` are those that may be chosen for their score, and those that may be explored."""
    allowed, working = places
    probabilities = _probabilities(scores, best, allowed, policy)
    if len(working) < 2:  # noqa: PLR2004 - there is nobody else to look at
        return probabilities
    shares = _explored(candidates, scores, best, working, policy)
    left = 1 - fsum(shares)
    mixed = [left * chance for chance in probabilities]
    for place, share in zip(working, shares, strict=True):
        mixed[place] += share
    return mixed


def _probabilities(scores: list[float], best: float, allowed: Sequence[int], policy: Policy) -> list[float]:
    """Mostly the best and what comes close to it."""
    scale = policy.temperature * best
    probabilities = [0.0] * len(scores)
    for place in allowed:
        score = scores[place]
        probabilities[place] = exp((best - score) / scale) if scale > 0 else float(score == best)
    total = fsum(probabilities)
    return [weight / total for weight in probabilities]


def _explored(
    candidates: Sequence[Candidate], scores: list[float], best: float, working: Sequence[int], policy: Policy
) -> list[float]:
    """The share of requests that each gets to be looked at: a little, more for the cheap and the hardly known."""
    promise = [(best / score) ** _PROMISE if (score := scores[place]) > best else 1.0 for place in working]
    each = policy.exploration / fsum(promise)
    shares = [each * part for part in promise]
    curious, hope = policy.curiosity, best * _HOPELESS
    if curious:
        for nth, place in enumerate(working):
            one = candidates[place]
            if best < scores[place] < hope and one.successes + one.failures < HARDLY_KNOWN:
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
