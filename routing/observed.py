"""What this process knows: the last snapshot, and what its own calls have seen since."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scalix import snapshot as published
from scalix.times import now_us

from .breaker import Breaker
from .policy import CLOSED, HALF_OPEN, Candidate

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from scalix.snapshot import BudgetLimit, Mode, Snapshot

LOOK_EVERY_S = 2.0
STALE_US = 120 * 1_000_000
"""A snapshot older than this is not believed: its hub has stopped."""
MOST_TRACES = 10_000
TRIED_S = 60.0
"""A trace's failed deployments are not tried again for so long."""


@dataclass
class Own:
    """This process' attempts on one deployment since the snapshot was made."""

    breaker: Breaker = field(default_factory=Breaker)
    successes: int = 0
    failures: int = 0
    forgiven: float = 0.0
    """Failures from before it recovered, which no longer count against it."""


@dataclass
class Observed:
    """Safe to use from any thread: each step is one operation on a dictionary. ``clock`` gives monotonic seconds."""

    folder: Path
    clock: Callable[[], float] = time.monotonic
    snapshot: Snapshot | None = None
    mode: Mode = field(default_factory=published.Mode)
    _next_look: float = float("-inf")
    _own: dict[str, Own] = field(default_factory=dict)
    _tried: dict[str, tuple[float, frozenset[str]]] = field(default_factory=dict)

    def look(self) -> None:
        """Read what the hub has published, every few seconds. What cannot be read leaves what was known."""
        now = self.clock()
        if now < self._next_look:
            return
        self._next_look = now + LOOK_EVERY_S
        self.mode = published.read_mode(self.folder)
        found = published.read(self.folder)
        if found is not None and (self.snapshot is None or found.id != self.snapshot.id):
            self.snapshot = found
            for own in list(self._own.values()):
                own.successes = own.failures = 0

    @property
    def snapshot_id(self) -> str | None:
        """Which snapshot candidates are made of; None when there is none, or it is too old to be believed."""
        fresh = self.snapshot is not None and now_us() - self.snapshot.made_us < STALE_US
        return self.snapshot.id if fresh and self.snapshot else None

    @property
    def limits(self) -> Sequence[BudgetLimit]:
        """Budgets that have been reached, and whose window has not ended since."""
        if self.snapshot is None or self.snapshot_id is None:
            return ()
        return [limit for limit in self.snapshot.budgets if limit.until_us is None or limit.until_us > now_us()]

    def candidate(self, deployment_id: str, list_cost_usd: float | None) -> Candidate:
        """What is known of a deployment; where nothing was observed, its list price."""
        own = self._own.get(deployment_id)
        stats = self.snapshot.deployments.get(deployment_id) if self.snapshot and self.snapshot_id else None
        successes = (stats.successes if stats else 0.0) + (own.successes if own else 0)
        failures = (stats.failures if stats else 0.0) + (own.failures if own else 0)
        breaker = own.breaker.state(self.clock()) if own else CLOSED
        if own and own.forgiven:
            own.forgiven = min(own.forgiven, failures)
            failures -= own.forgiven
        if breaker == HALF_OPEN:
            # Whether it has recovered is the question, which its past cannot answer.
            successes = failures = 0.0
        return Candidate(
            deployment_id=deployment_id,
            successes=successes,
            failures=failures,
            cost_usd=stats.cost_usd if stats and stats.cost_usd is not None else list_cost_usd,
            failure_cost_usd=stats.failure_cost_usd if stats else 0.0,
            latency_s=stats.latency_s if stats else None,
            latency_p95_s=stats.latency_p95_s if stats else None,
            failure_s=stats.failure_s if stats else None,
            breaker=breaker,
        )

    def sent(self, deployment_id: str) -> None:
        """A call goes to this deployment."""
        own = self._own.get(deployment_id)
        if own is not None:
            own.breaker.tries(self.clock())

    def succeeded(self, deployment_id: str) -> None:
        """It answered."""
        own = self._own.setdefault(deployment_id, Own())
        own.successes += 1
        if own.breaker.opened:
            stats = self.snapshot.deployments.get(deployment_id) if self.snapshot else None
            own.forgiven = own.failures + (stats.failures if stats else 0.0)
        own.breaker.succeeded()

    def failed(self, deployment_id: str, kind: str, trace: str | None, retry_after_s: float | None = None) -> None:
        """It failed, in a request that should try elsewhere next."""
        now = self.clock()
        own = self._own.setdefault(deployment_id, Own())
        own.failures += 1
        own.breaker.failed(kind, now, retry_after_s)
        if trace:
            self._tried[trace] = (now, self.tried(trace) | {deployment_id})
            if len(self._tried) > MOST_TRACES:
                for oldest in list(self._tried)[: MOST_TRACES // 10]:
                    self._tried.pop(oldest, None)

    def tried(self, trace: str | None) -> frozenset[str]:
        """The deployments that have just failed in this request."""
        at, ids = self._tried.get(trace or "", (float("-inf"), frozenset()))
        return ids if self.clock() - at < TRIED_S else frozenset()
