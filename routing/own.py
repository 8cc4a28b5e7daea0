"""What this process has seen of one deployment: its breaker, its record, and calls that are under way."""

from __future__ import annotations

from dataclasses import dataclass, field

from .breaker import COUNTED, Breaker
from .evidence import HALF_LIFE_S, Answer, Evidence

OVERDUE = 3
"""So many calls under way for longer than is allowed show that answers are late before they come."""
GIVEN_UP = 4
"""Times the limit, after which a call under way is taken to have been cancelled: nobody says when one is."""
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

    def answered(self, trace: str | None, answer: Answer, now: float, most_s: float | None) -> None:
        """It answered."""
        sent = self.under_way.pop(trace, None) if trace else None
        if answer.latency_s is None and sent is not None:
            answer.latency_s = now - sent
        late = most_s is not None and answer.latency_s is not None and answer.latency_s > most_s
        if self.breaker.succeeded(now, late=late):
            # Whether it has recovered was the question, which its past cannot answer.
            self.evidence = Evidence()
            self.successes = self.failures = 0
            self.alone_until = now + HALF_LIFE_S
        self.evidence.answered(answer, now)
        self.successes += 1

    def failed(self, trace: str | None, kind: str, now: float, retry_after_s: float | None) -> None:
        """An attempt failed."""
        sent = self.under_way.pop(trace, None) if trace else None
        self.breaker.failed(kind, now, retry_after_s)
        if kind in COUNTED - NOT_COUNTED:
            self.evidence.failed(now, None if sent is None else now - sent)
            self.failures += 1

    def sent(self, trace: str | None, now: float, *, watched: bool) -> None:
        """A call goes to it; only one whose end will be heard of is watched."""
        self.breaker.tries(now)
        if trace and watched:
            self.under_way[trace] = now

    def look_at_overdue(self, now: float, most_s: float) -> None:
        """Open the breaker when several calls under way have taken too long already."""
        for trace, sent in list(self.under_way.items())[:OVERDUE]:
            if now - sent > GIVEN_UP * most_s:
                self.under_way.pop(trace, None)
        late = [sent for sent in list(self.under_way.values())[:OVERDUE] if now - sent > most_s]
        if len(late) == OVERDUE:
            self.breaker.too_slow(now)

    def state(self, now: float) -> str:
        """Of its breaker."""
        return self.breaker.state(now)
