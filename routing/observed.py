"""What this process knows: the last snapshot, and what its own calls have seen since."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from scalix import snapshot as published
from scalix.times import now_us

from .own import Own
from .policy import CLOSED, Candidate
from .priors import Priors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from scalix.snapshot import BudgetLimit, DeploymentStats, Mode, Snapshot

    from .evidence import Answer
    from .facts import Facts

LOOK_EVERY_S = 2.0
STALE_US = 120 * 1_000_000
"""A snapshot older than this is not believed: its hub has stopped."""
USUAL_ANSWER_TOKENS = 300.0
"""An answer's length while none has been seen."""


@dataclass
class Observed:
    """Safe to use from any thread: each step is one operation on a dictionary. ``clock`` gives monotonic seconds."""

    folder: Path
    clock: Callable[[], float] = time.monotonic
    most_p95_s: float | None = None
    """Answers that take longer are late."""
    snapshot: Snapshot | None = None
    mode: Mode = field(default_factory=published.Mode)
    snapshot_id: str | None = None
    """Which snapshot candidates are made of; None when there is none, or it is too old to be believed."""
    _next_look: float = float("-inf")
    _own: dict[str, Own] = field(default_factory=dict)
    _ready: dict[str, Candidate] = field(default_factory=dict)
    _facts: dict[str, Facts] = field(default_factory=dict)
    _answer_tokens: dict[str, float] = field(default_factory=dict)
    _priors: Priors = field(default_factory=Priors)

    def look(self) -> None:
        """Read what the hub has published, every few seconds. What cannot be read leaves what was known."""
        now = self.clock()
        if now < self._next_look:
            return
        self._next_look = now + LOOK_EVERY_S
        self.mode = published.read_mode(self.folder)
        known = self.snapshot.id if self.snapshot else None
        found = published.read_newer(self.folder, known)
        if found is not None:
            self.snapshot = found
            self._priors = Priors.of(found.deployments.values())
            for own in list(self._own.values()):
                own.successes = own.failures = 0
        fresh = self.snapshot is not None and now_us() - self.snapshot.made_us < STALE_US
        self.snapshot_id = self.snapshot.id if fresh and self.snapshot else None
        self._ready.clear()
        self._answer_tokens.clear()

    @property
    def limits(self) -> Sequence[BudgetLimit]:
        """Budgets that have been reached, and whose window has not ended since."""
        if self.snapshot is None or self.snapshot_id is None or not self.snapshot.budgets:
            return ()
        return [limit for limit in self.snapshot.budgets if limit.until_us is None or limit.until_us > now_us()]

    def candidate(self, deployment_id: str, facts: Callable[[], Facts]) -> Candidate:
        """What is known of a deployment; where nothing was observed, its model, its provider, and list prices."""
        ready = self._ready.get(deployment_id)
        own = self._own.get(deployment_id)
        if ready is None:
            known = self._facts[deployment_id] = facts()
            ready = self._ready[deployment_id] = self._made(deployment_id, own, known)
        if own is None:
            return ready
        now = self.clock()
        if self.most_p95_s is not None and own.under_way:
            own.look_at_overdue(now, self.most_p95_s)
        if not own.breaker.troubled:
            return ready
        state = own.state(now)
        return ready if state == CLOSED else msgspec.structs.replace(ready, breaker=state)

    def answer_tokens(self, group: str, deployment_ids: Iterable[str]) -> float:
        """How long the answers of these deployments have been on average."""
        known = self._answer_tokens.get(group)
        if known is None:
            known = self._answer_tokens[group] = self._mean_answer(deployment_ids)
        return known

    def sent(self, deployment_id: str, trace: str | None, *, watched: bool = True) -> None:
        """A call goes to this deployment."""
        self._own.setdefault(deployment_id, Own()).sent(trace, self.clock(), watched=watched)

    def succeeded(self, deployment_id: str, trace: str | None, answer: Answer) -> None:
        """It answered."""
        own = self._own.setdefault(deployment_id, Own())
        own.answered(trace, answer, self.clock(), self.most_p95_s)
        self._learn(deployment_id, own)

    def failed(self, deployment_id: str, kind: str, trace: str | None, retry_after_s: float | None = None) -> None:
        """It failed."""
        own = self._own.setdefault(deployment_id, Own())
        own.failed(trace, kind, self.clock(), retry_after_s)
        self._learn(deployment_id, own)

    def _learn(self, deployment_id: str, own: Own) -> None:
        """Bring a candidate up to date when an attempt has ended, so that the next decision need not."""
        facts = self._facts.get(deployment_id)
        if facts is not None:
            self._ready[deployment_id] = self._made(deployment_id, own, facts)

    def _stats(self, deployment_id: str) -> DeploymentStats | None:
        """What was published of it and is to be believed."""
        return self.snapshot.deployments.get(deployment_id) if self.snapshot and self.snapshot_id else None

    def _made(self, deployment_id: str, own: Own | None, facts: Facts) -> Candidate:
        stats = self._stats(deployment_id)
        known = _prices(stats) if stats else {}
        if stats is not None and (own is None or own.alone_until <= self.clock()):
            known |= _record(stats, own)
        elif own is not None:
            known = _own_record(own) | known
        if known.get("latency_s") is None:
            known["latency_s"] = self._priors.latency(facts.provider, facts.model)
        return Candidate(
            deployment_id=deployment_id,
            prior_success=self._priors.success(facts.provider, facts.model),
            list_input_usd=facts.list_input_usd,
            list_cached_usd=facts.list_cached_usd,
            list_output_usd=facts.list_output_usd,
            context_tokens=facts.context_tokens,
            tools=facts.tools,
            vision=facts.vision,
            streaming=facts.streaming,
            **known,  # type: ignore[arg-type]  # the two functions below give what Candidate takes
        )

    def _mean_answer(self, deployment_ids: Iterable[str]) -> float:
        total = answers = 0.0
        for name in deployment_ids:
            own = self._own.get(name)
            stats = self._stats(name)
            if stats is not None and stats.output_tokens is not None:
                total += stats.output_tokens * stats.successes
                answers += stats.successes
            elif own is not None:
                total += own.evidence.output_tokens
                answers += own.evidence.metered
        return total / answers if answers > 0 else USUAL_ANSWER_TOKENS


def _prices(stats: DeploymentStats) -> dict[str, float | None]:
    return {
        "discount": stats.discount,
        "cache_share": stats.cache_share,
        "cost_usd": stats.cost_usd,
        "failure_cost_usd": stats.failure_cost_usd,
    }


def _record(stats: DeploymentStats, own: Own | None) -> dict[str, float | None]:
    """What was published, and what this process has seen since."""
    return {
        "successes": stats.successes + (own.successes if own else 0),
        "failures": stats.failures + (own.failures if own else 0),
        "latency_s": stats.latency_s,
        "latency_p95_s": stats.latency_p95_s,
        "ttft_p95_s": stats.ttft_p95_s,
        "failure_s": stats.failure_s,
    }


def _own_record(own: Own) -> dict[str, float | None]:
    """What this process has seen alone: there is no hub, or it speaks of before the deployment recovered."""
    seen = own.evidence
    return {
        "successes": seen.successes,
        "failures": seen.failures,
        "cache_share": seen.cached_tokens / seen.input_tokens if seen.input_tokens > 0 else 0.0,
        "latency_s": seen.latency.mean,
        "latency_p95_s": seen.latency.p95,
        "ttft_p95_s": seen.ttft.p95,
        "failure_s": seen.failing.mean,
    }
