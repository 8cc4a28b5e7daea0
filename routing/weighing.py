"""What of a candidate's score no request changes: worked out when something is learnt of it, not at every decision."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from .policy import CLOSED
from .scoring import success_rate, terms_of

if TYPE_CHECKING:
    from .policy import Candidate, Policy
    from .scoring import Terms

HARDLY_KNOWN = 10
"""Attempts below which a candidate's price says little: its cache, discount and speed are still to be seen."""
NOTHING_FITS = -1.0

Weighed = tuple["Candidate", "Terms", float, float, float]
"""A candidate, its terms, the longest prompt up to which nothing whatever stands against it, the same for requests that
need tools, pictures or a stream, and its warm tokens."""


class Kept:
    """Candidates by deployment, as one policy weighs them: another policy has another of these."""

    __slots__ = ("known", "policy")

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.known: dict[str, Weighed] = {}


def weighed(one: Candidate, policy: Policy) -> Weighed:
    """A candidate with what follows from it and the policy alone."""
    longest = _longest(one, policy)
    able = one.tools is not False and one.vision is not False and one.streaming is not False
    return one, terms_of(one, policy), longest, longest if able else NOTHING_FITS, one.warm_tokens


def _longest(one: Candidate, policy: Policy) -> float:
    known = one.latency_s is not None and (
        one.cost_usd is not None or (one.list_input_usd is not None and one.list_output_usd is not None)
    )
    new = one.successes + one.failures < HARDLY_KNOWN
    if one.breaker != CLOSED or not known or new or success_rate(one, policy) < policy.least_success:
        return NOTHING_FITS
    return math.inf if one.context_tokens is None else one.context_tokens
