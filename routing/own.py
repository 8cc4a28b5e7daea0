"""What this process has seen of one deployment: its breaker, its record, and calls that are under way."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from .breaker import COUNTED, Breaker
from .evidence import HALF_LIFE_S, Answer, Evidence
from .lateness import GIVEN_UP
from .remembered import shorten

NOT_COUNTED = frozenset({"rate_limit"})
"""A rate limit says when a deployment can be asked again, not how reliably it answers: the breaker waits it out."""


@dataclass
class Own:
    """One deployment in this process. Moments are monotonic seconds."""

    breaker: Breaker = field(default_factory=Breaker)
    evidence: Evidence = field(default_factory=Evidence)
    """Since the start, or since it recovered."""
    successes: int = 0
    """Since the snapshot, as are ``failures``."""
    failures: int = 0
    alone_until: float = 0.0
    """Until then, what was published still speaks of before it recovered."""
    under_way: dict[str, float] = field(default_factory=dict)
    """When the call of a trace was sent, the oldest first."""
    overdue: dict[str, float] = field(default_factory=dict)
    """Those of them that are known to be late before they have come."""

    def answered(self, trace: str | None, answer: Answer, now: float, most_s: float | None) -> None:
        """It answered."""
        known_late = trace in self.overdue
        sent = self._ended(trace)
        if answer.latency_s is None and sent is not None:
            answer.latency_s = now - sent
        answer.late = most_s is not None and answer.latency_s is not None and answer.latency_s > most_s
        if self.breaker.succeeded(now, late=answer.late, known_late=known_late):
            # Whether it has recovered was the question, which its past cannot answer.
            self.evidence = Evidence()
            self.successes = self.failures = 0
            self.alone_until = now + HALF_LIFE_S
        self.evidence.answered(answer, now)
        self.successes += 1

    def failed(self, trace: str | None, kind: str, now: float, retry_after_s: float | None) -> None:
        """An attempt failed."""
        sent = self._ended(trace)
        self.breaker.failed(kind, now, retry_after_s)
        if kind in COUNTED - NOT_COUNTED:
            self.evidence.failed(now, None if sent is None else now - sent)
            self.failures += 1

    def sent(self, trace: str | None, now: float, *, watched: bool) -> None:
        """A call goes to it; only one whose end will be heard of is watched."""
        self.breaker.tries(now)
        if trace and watched:
            self.under_way[trace] = now
            shorten(self.under_way)

    def look_at_overdue(self, now: float, most_s: float) -> None:
        """Count calls under way that have taken too long already as late, each once."""
        while self.under_way:
            trace, sent = next(iter(self.under_way.items()))
            if now - sent <= most_s:
                break
            self.under_way.pop(trace, None)
            self.overdue[trace] = sent
            self.breaker.took(now, late=True)
        while self.overdue:
            trace, sent = next(iter(self.overdue.items()))
            if now - sent <= GIVEN_UP * most_s:
                break
            self.overdue.pop(trace, None)

    @property
    def oldest(self) -> float:
        """When the oldest call under way was sent; infinite when none is."""
        return next(iter(self.under_way.values()), math.inf)

    def _ended(self, trace: str | None) -> float | None:
        """When the call of a trace that is no longer under way was sent."""
        if trace is None:
            return None
        early = self.under_way.pop(trace, None)
        return self.overdue.pop(trace, None) if early is None else early
