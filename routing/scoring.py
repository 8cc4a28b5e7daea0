"""What a candidate is expected to cost, and whether it may be asked at all. Pure arithmetic, for one candidate each."""

from __future__ import annotations

import math
from itertools import repeat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .policy import Asked, Candidate, Policy

_NO_WAITS = repeat((0.0, 0.0))
_CERTAIN = 1.64
"""Standard deviations: nineteen times in twenty."""


def scores_of(
    asked: Asked, candidates: Sequence[Candidate], policy: Policy, rates: Sequence[float] | None = None
) -> list[float]:
    """Expected dollars for a successful answer of each candidate. An unknown cost or time is the worst known one.

    ``rates`` are their success rates, for a caller that has them.
    """
    conversing = max([one.warm_tokens for one in candidates]) > 0
    costs = [answer_cost(asked, one, conversing=conversing) for one in candidates]
    if None in costs:
        dearest = max((cost for cost in costs if cost is not None), default=0.0)
        costs = [dearest if cost is None else cost for cost in costs]
    waits = _waits(candidates, policy.usd_per_s) if policy.usd_per_s else _NO_WAITS
    chances = rates or [success_rate(one, policy) for one in candidates]
    late_usd = asked.late_usd
    return [
        (cost or 0.0) + waiting + one.late_share * late_usd + (1 - rate) / rate * (one.failure_cost_usd + failing)
        for one, cost, rate, (waiting, failing) in zip(candidates, costs, chances, waits, strict=False)
    ]


def _waits(candidates: Sequence[Candidate], usd_per_s: float) -> list[tuple[float, float]]:
    """Dollars that waiting for an answer, and for a failure, is worth."""
    slowest = max([one.latency_s or 0.0 for one in candidates])
    waits = []
    for one in candidates:
        latency = slowest if one.latency_s is None else one.latency_s
        waits.append((latency * usd_per_s, (latency if one.failure_s is None else one.failure_s) * usd_per_s))
    return waits


def answer_cost(asked: Asked, one: Candidate, *, conversing: bool = False) -> float | None:
    """Dollars that an answer is expected to be billed at; None when nothing tells.

    ``conversing`` says that the conversation has left its prompt in somebody's cache, so that averages do not hold.
    """
    fresh_usd, output_usd = one.list_input_usd, one.list_output_usd
    if fresh_usd is None or output_usd is None:
        return one.cost_usd
    prompt = asked.input_tokens
    listed = prompt * fresh_usd + asked.output_tokens * output_usd
    found = min(one.warm_tokens, prompt) if conversing else prompt * one.cache_share
    if found and one.list_cached_usd is not None:
        listed -= found * (fresh_usd - one.list_cached_usd)
    return one.discount * listed


def list_cost(asked: Asked, one: Candidate) -> float | None:
    """What an answer costs by list prices alone, as if nothing had been observed; None when they are unknown."""
    if one.list_input_usd is None or one.list_output_usd is None:
        return None
    return asked.input_tokens * one.list_input_usd + asked.output_tokens * one.list_output_usd


def success_rate(one: Candidate, policy: Policy) -> float:
    """The rate at which a deployment is expected to answer: mean of a Beta posterior."""
    prior = policy.prior_success if one.prior_success is None else one.prior_success
    strength = policy.prior_strength
    return (prior * strength + one.successes) / (strength + one.successes + one.failures)


def within_limits(asked: Asked, one: Candidate, policy: Policy, rate: float) -> bool:
    """Whether it is expected to answer often and soon enough; ``rate`` is its success rate."""
    if rate < policy.least_success:
        # A few failures in a row may be bad luck: it is left out when its rate is below with some certainty.
        seen = policy.prior_strength + one.successes + one.failures
        if rate + _CERTAIN * math.sqrt(rate * (1 - rate) / seen) < policy.least_success:
            return False
    return not (
        asked.stream and policy.most_ttft_p95_s is not None and (one.ttft_p95_s or 0.0) > policy.most_ttft_p95_s
    )


def able(asked: Asked, one: Candidate) -> bool:
    """Whether it can do what is asked, as far as that is known."""
    if one.context_tokens is not None and asked.input_tokens > one.context_tokens:
        return False
    return not (
        (asked.tools and one.tools is False)
        or (asked.vision and one.vision is False)
        or (asked.stream and one.streaming is False)
    )
