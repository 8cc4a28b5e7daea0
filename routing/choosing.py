"""One choice: out of LiteLLM's deployments to candidates, through the policy, and the record of it."""

from __future__ import annotations

import random
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from scalix.errors import BudgetExceededError
from scalix.events import DecisionEvent
from scalix.times import now_us

from .limits import blocking, degrading
from .policy import Decision, Policy, decide

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .observed import Observed

_HUNDRED = 100
_encode = msgspec.json.Encoder().encode


@dataclass
class Chooser:
    """Chooses deployments by a policy over what is observed. ``record`` is given every decision."""

    observed: Observed
    record: Callable[[DecisionEvent], object]
    policy: Policy = field(default_factory=Policy)
    draw: Callable[[], float] = random.random
    list_cost: Callable[[Any], float | None] = lambda _: None

    def choose(self, group: str, deployments: Sequence[Any], trace: str | None) -> tuple[Any, bool] | None:
        """The deployment to take, and whether to act on it; None when there is nothing to choose.

        What has just failed in this request is left out, unless nothing else is left. Raises BudgetExceededError when
        budgets block every deployment and routing acts.
        """
        self.observed.look()
        mode = self.observed.mode
        acts = mode.mode == "on" or (mode.mode == "canary" and _share(trace or group) < mode.canary_percent)
        if mode.mode == "off":
            return None
        limits = self.observed.limits
        payable = [one for one in deployments if not blocking(limits, group, one)]
        if not payable and deployments and acts:
            named = blocking(limits, group, deployments[0])
            raise BudgetExceededError(f"budget {named} is spent, and every deployment of {group} is under it")
        if len(deployments) < 2:  # noqa: PLR2004 - one deployment is no choice
            return None
        tried = self.observed.tried(trace)
        open_to = payable or list(deployments)
        untried = [one for one in open_to if deployment_id(one) not in tried] or open_to
        candidates = [self.observed.candidate(deployment_id(one), self.list_cost(one)) for one in untried]
        cheaper = any(degrading(limits, group, one) for one in untried)
        decision = decide(candidates, self.policy.cheaper() if cheaper else self.policy, self.draw())
        self.record(self._event(group, trace, decision, acts=acts))
        if acts:
            self.observed.sent(decision.deployment_id)
        return untried[decision.chosen], acts

    def _event(self, group: str, trace: str | None, decision: Decision, *, acts: bool) -> DecisionEvent:
        return DecisionEvent(
            at_us=now_us(),
            trace_id=trace,
            model_group=group,
            mode=self.observed.mode.mode,
            acted=acts,
            snapshot_id=self.observed.snapshot_id,
            deployment_id=decision.deployment_id,
            probability=decision.probabilities[decision.chosen],
            reason=decision.reason,
            decision=_encode(decision).decode(),
        )


def deployment_id(deployment: Any) -> str:
    """LiteLLM's id of a deployment."""
    return str((deployment.get("model_info") or {}).get("id") or "")


def _share(key: str) -> int:
    """A stable percentage for a request: all attempts of a trace fall on the same side."""
    return zlib.crc32(key.encode()) % _HUNDRED
