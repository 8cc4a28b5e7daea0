"""The policy: candidates in, a decision with its reasons out. Pure arithmetic: a decision can be recomputed to the bit.

A candidate's score is the expected cost of a *successful* answer in dollars: what a success costs in money and time,
plus what it costs to fail first, as often as that is to be expected::

    score = cost + latency * usd_per_s + (1 - p) / p * (failure_cost + failure_s * usd_per_s)

``p`` is the mean of a Beta posterior over the deployment's decayed record, the prior being ``prior_strength`` made-up
attempts that succeed at ``prior_success``. An unknown cost is taken to be that of the dearest candidate, never zero.
"""

from __future__ import annotations

import math

import msgspec

CLOSED, HALF_OPEN, OPEN = "closed", "half_open", "open"
_FAR = 5.0
"""So many temperatures from the best, less than a hundredth of its chance is left."""


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """What to weigh how. ``usd_per_s`` is what a second of waiting is worth."""

    usd_per_s: float = 0.0002
    prior_success: float = 0.97
    prior_strength: float = 5.0
    least_success: float = 0.9
    """Candidates below are taken only when none is above."""
    most_p95_s: float | None = None
    exploration: float = 0.02
    """Share of requests spread evenly, so that a deployment that has recovered is found."""
    temperature: float = 0.03
    """How much dearer, relative to the best, a candidate may be to still get a good part of the requests."""

    def cheaper(self) -> Policy:
        """The same with time worth nothing: what a budget asks for that runs low."""
        return msgspec.structs.replace(self, usd_per_s=0.0)


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """What the policy knows of one deployment."""

    deployment_id: str
    successes: float = 0.0
    failures: float = 0.0
    cost_usd: float | None = None
    failure_cost_usd: float = 0.0
    latency_s: float | None = None
    latency_p95_s: float | None = None
    failure_s: float | None = None
    breaker: str = CLOSED


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """A choice with all that it follows from: ``decide(candidates, policy, draw)`` gives it again."""

    candidates: list[Candidate]
    policy: Policy
    draw: float
    """Between 0 and 1: the only chance in it."""
    scores: list[float]
    """Expected dollars for a successful answer, one for each candidate."""
    probabilities: list[float]
    """With which each would be chosen; they add up to 1."""
    chosen: int
    reason: str

    @property
    def deployment_id(self) -> str:
        """The deployment chosen."""
        return self.candidates[self.chosen].deployment_id


def decide(candidates: list[Candidate], policy: Policy, draw: float) -> Decision:
    """Choose one of the candidates, of which there must be at least one."""
    scores = _scores(candidates, policy)
    allowed, reason = _allowed(candidates, policy)
    probabilities = _probabilities(candidates, scores, allowed, policy)
    chosen = _pick(probabilities, draw)
    if reason is None or chosen not in allowed:
        reason = _reason(scores, allowed, chosen, policy)
    return Decision(
        candidates=candidates,
        policy=policy,
        draw=draw,
        scores=scores,
        probabilities=probabilities,
        chosen=chosen,
        reason=reason,
    )


def _reason(scores: list[float], allowed: list[int], chosen: int, policy: Policy) -> str:
    best = min(scores[place] for place in allowed)
    if chosen not in allowed or scores[chosen] > best * (1 + _FAR * policy.temperature):
        return "exploring: a small share goes to every deployment, to find those that have recovered"
    return "lowest expected cost of an answer" if scores[chosen] == best else "nearly as cheap as the best"


def success_rate(candidate: Candidate, policy: Policy) -> float:
    """The rate at which a deployment is expected to answer."""
    known = candidate.successes + candidate.failures
    return (policy.prior_success * policy.prior_strength + candidate.successes) / (policy.prior_strength + known)


def _scores(candidates: list[Candidate], policy: Policy) -> list[float]:
    dearest = max((one.cost_usd for one in candidates if one.cost_usd is not None), default=0.0)
    slowest = max((one.latency_s for one in candidates if one.latency_s is not None), default=0.0)
    scores = []
    for one in candidates:
        rate = success_rate(one, policy)
        cost = dearest if one.cost_usd is None else one.cost_usd
        latency = slowest if one.latency_s is None else one.latency_s
        failing_s = latency if one.failure_s is None else one.failure_s
        failing = one.failure_cost_usd + failing_s * policy.usd_per_s
        scores.append(cost + latency * policy.usd_per_s + (1 - rate) / rate * failing)
    return scores


def _allowed(candidates: list[Candidate], policy: Policy) -> tuple[list[int], str | None]:
    """Which candidates may be chosen for their score, and what to say when that is not the usual case."""
    # One whose breaker is half open takes part: no second call is sent to it until the first has ended.
    working = [place for place, one in enumerate(candidates) if one.breaker != OPEN]
    if not working:
        return list(range(len(candidates))), "every deployment has been failing"
    good = [place for place in working if _within_limits(candidates[place], policy)]
    return (good, None) if good else (working, "no deployment is within the limits")


def _within_limits(candidate: Candidate, policy: Policy) -> bool:
    if success_rate(candidate, policy) < policy.least_success:
        return False
    slow = policy.most_p95_s is not None and (candidate.latency_p95_s or 0.0) > policy.most_p95_s
    return not slow


def _probabilities(candidates: list[Candidate], scores: list[float], allowed: list[int], policy: Policy) -> list[float]:
    """Mostly the best and what comes close to it; a little to everybody whose breaker is not open."""
    best = min(scores[place] for place in allowed)
    scale = policy.temperature * best
    weights = [math.exp((best - scores[place]) / scale) if scale > 0 else 1.0 for place in allowed]
    total = sum(weights)
    open_to_chance = [place for place, one in enumerate(candidates) if one.breaker != OPEN] or allowed
    explored = policy.exploration / len(open_to_chance)
    probabilities = [0.0] * len(candidates)
    for place in open_to_chance:
        probabilities[place] = explored
    for place, weight in zip(allowed, weights, strict=True):
        probabilities[place] += (1 - policy.exploration) * weight / total
    return probabilities


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
