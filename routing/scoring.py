"""What a candidate is expected to cost, and whether it may be asked at all. Pure arithmetic, for one candidate each."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .policy import Asked, Candidate, Policy

_CERTAIN = 1.64
"""Standard deviations: nineteen times in twenty."""
Terms = tuple[float, float, float, float, float, float, float, float, float]
"""What of a score no request changes: discount, list prices of a prompt's and an answer's token, the share of prompts
in the cache and what each token there saves, the cost where there are no prices, dollars of waiting, the share of late
answers, dollars of failing first."""


def scores_of(asked: Asked, candidates: Sequence[Candidate], policy: Policy) -> list[float]:
    """Expected dollars for a successful answer of each candidate. An unknown cost or time is the worst known one."""
    warm = [one.warm_tokens for one in candidates]
    costs = costs_of(asked, candidates, conversing=max(warm) > 0)
    dearest = max((cost for cost in costs if cost is not None), default=0.0)
    slowest = max([one.latency_s or 0.0 for one in candidates])
    terms = []
    for one, cost in zip(candidates, costs, strict=True):
        whole = one
        if cost is None:
            whole = msgspec.structs.replace(whole, cost_usd=dearest)
        if one.latency_s is None:
            whole = msgspec.structs.replace(whole, latency_s=slowest)
        terms.append(terms_of(whole, policy))
    return scores_by(asked, terms, warm)


def terms_of(one: Candidate, policy: Policy) -> Terms:
    """The terms of one candidate's score; an unknown cost or time counts nothing in them."""
    rate, usd_per_s = success_rate(one, policy), policy.usd_per_s
    latency, failure_s = one.latency_s or 0.0, one.failure_s
    failing = (latency if failure_s is None else failure_s) * usd_per_s
    times = (latency * usd_per_s, one.late_share, (1 - rate) / rate * (one.failure_cost_usd + failing))
    fresh_usd, cached_usd, output_usd = one.list_input_usd, one.list_cached_usd, one.list_output_usd
    if fresh_usd is None or output_usd is None:
        return (1.0, 0.0, 0.0, 0.0, 0.0, one.cost_usd or 0.0, *times)
    saved_usd = 0.0 if cached_usd is None else fresh_usd - cached_usd
    return (one.discount, fresh_usd, output_usd, one.cache_share, saved_usd, 0.0, *times)


def scores_by(asked: Asked, terms: Sequence[Terms], warm: Sequence[float]) -> list[float]:
    """Scores out of terms. Where a conversation has left its prompt in somebody's cache, averages do not hold."""
    prompt, output, late_usd = asked.input_tokens, asked.output_tokens, asked.late_usd
    if any(warm):
        return [
            discount * (prompt * fresh_usd + output * output_usd - min(kept, prompt) * saved_usd)
            + cost
            + waiting
            + late * late_usd
            + failing
            for (discount, fresh_usd, output_usd, _, saved_usd, cost, waiting, late, failing), kept in zip(
                terms, warm, strict=True
            )
        ]
    return [
        discount * (prompt * fresh_usd + output * output_usd - prompt * share * saved_usd)
        + cost
        + waiting
        + late * late_usd
        + failing
        for discount, fresh_usd, output_usd, share, saved_usd, cost, waiting, late, failing in terms
    ]


def costs_of(asked: Asked, candidates: Sequence[Candidate], *, conversing: bool = False) -> list[float | None]:
    """Dollars that an answer of each is expected to be billed at; None when nothing tells.

    ``conversing`` says that the conversation has left its prompt in somebody's cache, so that averages do not hold.
    """
    prompt, output = asked.input_tokens, asked.output_tokens
    costs = []
    for one in candidates:
        fresh_usd, output_usd = one.list_input_usd, one.list_output_usd
        if fresh_usd is None or output_usd is None:
            costs.append(one.cost_usd)
            continue
        listed = prompt * fresh_usd + output * output_usd
        found = min(one.warm_tokens, prompt) if conversing else prompt * one.cache_share
        if found:
            cached_usd = one.list_cached_usd
            if cached_usd is not None:
                listed -= found * (fresh_usd - cached_usd)
        costs.append(one.discount * listed)
    return costs


def answer_cost(asked: Asked, one: Candidate) -> float | None:
    """The same for one candidate."""
    return costs_of(asked, (one,))[0]


def list_cost(asked: Asked, one: Candidate) -> float | None:
    """What an answer costs by list prices alone, as if nothing had been observed; None when they are unknown."""
    if one.list_input_usd is None or one.list_output_usd is None:
        return None
    return asked.input_tokens * one.list_input_usd + asked.output_tokens * one.list_output_usd


def rates_of(candidates: Sequence[Candidate], policy: Policy) -> list[float]:
    """The rates at which deployments are expected to answer: means of Beta posteriors."""
    usual, strength = policy.prior_success, policy.prior_strength
    rates = []
    for one in candidates:
        prior, successes = one.prior_success, one.successes
        known = usual if prior is None else prior
        rates.append((known * strength + successes) / (strength + successes + one.failures))
    return rates


def success_rate(one: Candidate, policy: Policy) -> float:
    """The same for one candidate."""
    return rates_of((one,), policy)[0]


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


def able_places(asked: Asked, candidates: Sequence[Candidate]) -> list[int]:
    """The places of those that can do what is asked, as far as that is known."""
    if asked.tools or asked.vision or asked.stream:
        return [place for place, one in enumerate(candidates) if able(asked, one)]
    prompt = asked.input_tokens
    return [place for place, one in enumerate(candidates) if (most := one.context_tokens) is None or prompt <= most]


def able(asked: Asked, one: Candidate) -> bool:
    """Whether it can do what is asked, as far as that is known."""
    if one.context_tokens is not None and asked.input_tokens > one.context_tokens:
        return False
    return not (
        (asked.tools and one.tools is False)
        or (asked.vision and one.vision is False)
        or (asked.stream and one.streaming is False)
    )
