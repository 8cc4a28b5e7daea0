"""What this process knows: the last snapshot, and what its own calls have seen since."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from scalix import snapshot as published
from scalix.times import now_us

from .evidence import USUALLY_LATE, share_beyond
from .facts import deployment_id
from .lateness import Lateness
from .own import Own
from .policy import CLOSED, HALF_OPEN, OPEN, Candidate, Policy
from .priors import Priors
from .restless import Restless
from .weighing import Kept, weighed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path
    from typing import Any

    from scalix.snapshot import BudgetLimit, DeploymentStats, Mode, Snapshot

    from .evidence import Answer
    from .facts import Facts
    from .weighing import Weighed

LOOK_EVERY_S = 0.5
"""A budget that blocks is known here within three seconds of the call that crossed it: this is the last of them."""
GATHER_EVERY_S = 2.0
"""What all deployments have in common, such as the share of their caches, is worked out anew after so long."""
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
    lateness: Lateness = field(default_factory=Lateness)
    _next_look: float = float("-inf")
    _next_gathering: float = float("-inf")
    _published: tuple[int, ...] | None = None
    _own: dict[str, Own] = field(default_factory=dict)
    _restless: Restless = field(default_factory=Restless)
    _kept: Kept = field(default_factory=lambda: Kept(Policy()))
    _facts: dict[str, Facts] = field(default_factory=dict)
    _answer_tokens: dict[str, float] = field(default_factory=dict)
    _prompt_tokens: dict[str, float] = field(default_factory=dict)
    _cache_share: float = 0.0
    """Of all deployments together."""
    _priors: Priors = field(default_factory=Priors)

    def look(self) -> None:
        """See twice a second whether the hub has published. What cannot be read leaves what was known."""
        now = self.clock()
        if now < self._next_look:
            return
        self._next_look = now + LOOK_EVERY_S
        seen = published.signature(self.folder)
        if seen != self._published:
            self._published = seen
            self._read()
        elif now < self._next_gathering:
            return
        self._next_gathering = now + GATHER_EVERY_S
        fresh = self.snapshot is not None and now_us() - self.snapshot.made_us < STALE_US
        self.snapshot_id = self.snapshot.id if fresh and self.snapshot else None
        self._cache_share = self._pooled_cache_share()
        self._kept = Kept(self._kept.policy)
        self._answer_tokens.clear()
        self._prompt_tokens.clear()

    def _read(self) -> None:
        self.mode = published.read_mode(self.folder)
        known = self.snapshot.id if self.snapshot else None
        found = published.read_newer(self.folder, known)
        if found is not None:
            self.snapshot = found
            self._priors = Priors.of(found.deployments.values())
            for own in list(self._own.values()):
                own.successes = own.failures = 0

    @property
    def limits(self) -> Sequence[BudgetLimit]:
        """Budgets that have been reached, and whose window has not ended since."""
        if self.snapshot is None or self.snapshot_id is None or not self.snapshot.budgets:
            return ()
        return [limit for limit in self.snapshot.budgets if limit.until_us is None or limit.until_us > now_us()]

    def candidates(self, deployments: Sequence[Any], facts: Callable[[Any], Facts]) -> list[Candidate]:
        """What is known of deployments, as ``weighed`` has it."""
        return [one[0] for one in self.weighed(deployments, facts, self._kept.policy)]

    def weighed(self, deployments: Sequence[Any], facts: Callable[[Any], Facts], policy: Policy) -> list[Weighed]:
        """What is known of deployments; where nothing was observed, their models, their providers, and list prices.

        ``facts`` are asked for where they are not known yet.
        """
        kept = self._kept
        if kept.policy is not policy:
            kept = self._kept = Kept(policy)
        known = kept.known
        try:
            found = [known[one["model_info"]["id"]] for one in deployments]
        except (KeyError, TypeError):
            found = [self._prepared(one, facts, kept) for one in deployments]
        restless, most_s = self._restless, self.most_p95_s
        if most_s is not None:
            now = self.clock()
            self.lateness.look(now, most_s)
            if restless.may_be_overdue(now, most_s):
                restless.look(list(self._own.items()), now, most_s)
        return self._as_of_now(found, policy) if restless.troubled else found

    def _prepared(self, deployment: Any, facts: Callable[[Any], Facts], kept: Kept) -> Weighed:
        name = deployment_id(deployment)
        found = kept.known.get(name)
        if found is None:
            known = self._facts[name] = facts(deployment)
            found = kept.known[name] = weighed(self._made(name, self._own.get(name), known), kept.policy)
        return found

    def _as_of_now(self, found: list[Weighed], policy: Policy) -> list[Weighed]:
        """The candidates as of this moment: time alone changes how a breaker stands."""
        now, current = self.clock(), []
        for one in found:
            candidate = one[0]
            state = self._restless.state(candidate.deployment_id, now)
            if state == HALF_OPEN:
                # Whether it has recovered is the question, which its past cannot answer.
                candidate = msgspec.structs.replace(
                    candidate, breaker=state, successes=0.0, failures=0.0, late_share=USUALLY_LATE, ttft_p95_s=None
                )
            elif state == OPEN and (late := self._restless.late_share(candidate.deployment_id, now)) is not None:
                candidate = msgspec.structs.replace(candidate, late_share=max(late, candidate.late_share))
            elif state != CLOSED:
                candidate = msgspec.structs.replace(candidate, breaker=state)
            current.append(one if state == CLOSED else weighed(candidate, policy))
        return current

    def answer_tokens(self, group: str, known: Iterable[Weighed]) -> float:
        """How long the answers of these deployments have been on average."""
        mean = self._answer_tokens.get(group)
        if mean is None:
            mean = self._answer_tokens[group] = self._mean_answer(one[0].deployment_id for one in known)
        return mean

    def prompt_tokens(self, group: str, known: Iterable[Weighed], usual: float) -> float:
        """How long the prompts to these deployments have been on average; as usual while none was answered."""
        mean = self._prompt_tokens.get(group)
        if mean is None:
            seen = [own.evidence for one in known if (own := self._own.get(one[0].deployment_id)) is not None]
            answers = sum(one.metered for one in seen)
            mean = self._prompt_tokens[group] = sum(one.input_tokens for one in seen) / answers if answers else usual
        return mean

    def sent(self, deployment_id: str, trace: str | None, *, watched: bool = True) -> None:
        """A call goes to this deployment."""
        now = self.clock()
        self._own.setdefault(deployment_id, Own()).sent(trace, now, watched=watched)
        if watched:
            self._restless.sent(now)
            self.lateness.sent(trace, now)

    def succeeded(self, deployment_id: str, trace: str | None, answer: Answer) -> None:
        """It answered."""
        own = self._own.setdefault(deployment_id, Own())
        now = self.clock()
        own.answered(trace, answer, now, self.most_p95_s)
        self.lateness.answered(trace, answer.latency_s, now, self.most_p95_s)
        self._learn(deployment_id, own, now)

    def failed(self, deployment_id: str, kind: str, trace: str | None, retry_after_s: float | None = None) -> None:
        """It failed."""
        own = self._own.setdefault(deployment_id, Own())
        now = self.clock()
        own.failed(trace, kind, now, retry_after_s)
        self._learn(deployment_id, own, now)

    def _learn(self, deployment_id: str, own: Own, now: float) -> None:
        """Bring a candidate up to date when an attempt has ended, so that the next decision need not."""
        self._restless.heard(deployment_id, own, now)
        kept, facts = self._kept, self._facts.get(deployment_id)
        if facts is not None:
            kept.known[deployment_id] = weighed(self._made(deployment_id, own, facts), kept.policy)

    def _stats(self, deployment_id: str) -> DeploymentStats | None:
        """What was published of it and is to be believed."""
        return self.snapshot.deployments.get(deployment_id) if self.snapshot and self.snapshot_id else None

    def _made(self, deployment_id: str, own: Own | None, facts: Facts) -> Candidate:
        stats = self._stats(deployment_id)
        known = _prices(stats) if stats else {}
        if stats is not None and (own is None or own.alone_until <= self.clock()):
            known |= _record(stats, own) | {"late_share": self._late_share(stats)}
        elif own is not None:
            known = _own_record(own) | known
        if stats is None:
            known["cache_share"] = own.evidence.cache_share(self._cache_share) if own else self._cache_share
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

    def _late_share(self, stats: DeploymentStats) -> float:
        """What lies beyond the limit, as if latencies were lognormal."""
        if self.most_p95_s is None or not stats.latency_p50_s or not stats.latency_p95_s:
            return USUALLY_LATE
        return share_beyond(self.most_p95_s, stats.latency_p50_s, stats.latency_p95_s)

    def _pooled_cache_share(self) -> float:
        """What a deployment is taken to find in its cache before it was asked often: what all find."""
        seen = [own.evidence for own in list(self._own.values())]
        tokens = sum(one.input_tokens for one in seen)
        if tokens:
            return sum(one.cached_tokens for one in seen) / tokens
        known = self.snapshot.deployments.values() if self.snapshot and self.snapshot_id else ()
        return sum(one.cache_share for one in known) / len(known) if known else 0.0

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
        "latency_s": seen.latency.mean,
        "latency_p95_s": seen.latency.p95,
        "late_share": seen.late_share,
        "ttft_p95_s": seen.ttft.p95,
        "failure_s": seen.failing.mean,
    }
