"""What a decision is made of: the policy, what is asked, what is known of each candidate, and the decision itself.

A candidate's score is the expected cost of a *successful* answer in dollars: what a success costs in money and time,
plus what it costs to fail first, as often as that is to be expected::

    score = cost + latency * usd_per_s + late_share * late_usd + (1 - p) / p * (failure_cost + failure_s * usd_per_s)
    cost  = discount * ((input - cached) * list_input + cached * list_cached + output * list_output)

``p`` is the mean of a Beta posterior over the deployment's decayed record. Its prior is the record of the same model,
else of the same provider, else the policy's own. ``cached`` is the share of prompts this deployment lately found in its
cache; in a conversation it is what *this* prompt would find there, so leaving a warm cache is charged at its cost.
``late_usd`` is the price of being late: it rises while more than one answer in twenty is, see ``routing/lateness.py``.
"""

from __future__ import annotations

import msgspec

RULES = 2
"""Which arithmetic decides: raised by every change that makes another decision, or score, of the same inputs."""
CLOSED, HALF_OPEN, OPEN = "closed", "half_open", "open"


class Policy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to weigh how. ``usd_per_s`` is what a second of waiting is worth."""

    usd_per_s: float = 0.0002
    prior_success: float = 0.97
    prior_strength: float = 5.0
    """So many made-up attempts stand for the prior."""
    least_success: float = 0.8
    """Candidates below are taken only when none is above: a retry reaches another, so a few failures cost little."""
    most_p95_s: float | None = None
    """What no more than one answer in twenty may take longer than."""
    most_ttft_p95_s: float | None = None
    """The same for the first token of a stream."""
    exploration: float = 0.015
    """Share of requests that go to others than the best, so that a deployment that has become better is found."""
    curiosity: float = 0.02
    """As much again for each candidate that is hardly known and may turn out to be the best."""
    temperature: float = 0.01
    """How much dearer, relative to the best, a candidate may be to still get a good part of the requests."""

    def cheaper(self) -> Policy:
        """The same with time worth nothing: what a budget asks for that runs low."""
        return msgspec.structs.replace(self, usd_per_s=0.0)


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What one request asks of whoever answers it. Tokens are expected ones."""

    input_tokens: float = 1000.0
    output_tokens: float = 300.0
    tools: bool = False
    vision: bool = False
    stream: bool = False
    late_usd: float = 0.0
    """What being late would cost just now."""


class Candidate(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is known of one deployment. None is unknown."""

    deployment_id: str
    successes: float = 0.0
    failures: float = 0.0
    prior_success: float | None = None
    """Of the same model or provider."""
    list_input_usd: float | None = None
    """For one token, as are the next two."""
    list_cached_usd: float | None = None
    list_output_usd: float | None = None
    discount: float = 1.0
    """What was really paid, for each dollar of list price."""
    cache_share: float = 0.0
    """Of prompt tokens, found in the provider's prompt cache lately."""
    warm_tokens: float = 0.0
    """Of this prompt, left in its cache by the same conversation."""
    cost_usd: float | None = None
    """Mean of its answers: what is taken where list prices are unknown."""
    failure_cost_usd: float = 0.0
    latency_s: float | None = None
    latency_p95_s: float | None = None
    late_share: float = 0.0
    """Of its answers, later than the policy allows."""
    ttft_p95_s: float | None = None
    failure_s: float | None = None
    context_tokens: int | None = None
    tools: bool | None = None
    vision: bool | None = None
    streaming: bool | None = None
    breaker: str = CLOSED


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """A choice with all that it follows from: ``decide(asked, candidates, policy, draw)`` gives it again."""

    asked: Asked
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
    rules: int = 1
    """By which it was made: records from before this was written down follow the first."""

    @property
    def deployment_id(self) -> str:
        """The deployment chosen."""
        return self.candidates[self.chosen].deployment_id
