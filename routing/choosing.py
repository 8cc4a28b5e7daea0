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

from .deciding import decide, decide_between
from .facts import NOTHING, Facts, deployment_id
from .limits import blocking, degrading
from .policy import Asked, Decision, Policy
from .remembered import Remembered
from .scoring import costs_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .asking import Request
    from .observed import Observed
    from .weighing import Weighed

_HUNDRED = 100
_SCALE = 100
"""A canary's share is kept to a hundredth of a percent."""
_UNCHOSEN = frozenset({"off", "legacy"})
_encode = msgspec.json.Encoder().encode


@dataclass
class Chooser:
    """Chooses deployments by a policy over what is observed. ``record`` is given every decision."""

    observed: Observed
    record: Callable[[DecisionEvent], object]
    policy: Policy = field(default_factory=Policy)
    draw: Callable[[], float] = random.random
    facts: Callable[[Any], Facts] = lambda _: NOTHING

    def __post_init__(self) -> None:
        """Begin with nothing remembered."""
        self.remembered = Remembered(self.observed.clock)
        self.follow(self.policy)

    def follow(self, policy: Policy) -> None:
        """Choose by this policy from now on; late answers are told apart by its limit."""
        self.policy = policy
        self.observed.most_p95_s = policy.most_p95_s

    def choose(self, group: str, deployments: Sequence[Any], request: Request) -> tuple[Any, bool] | None:
        """The deployment to take, and whether to act on it; None when there is nothing to choose.

        What has just failed in this request is left out, unless nothing else is left. Raises BudgetExceededError when
        budgets block every deployment and routing acts.
        """
        found = self.decided(group, deployments, request)
        if found is None:
            return None
        decision, eligible, acts = found
        self.record(self._event(group, request.trace, decision, acts=acts))
        if acts:
            self.observed.sent(decision.deployment_id, request.trace, watched=not request.stream)
            self.remembered.asked(request.conversation, decision.deployment_id, request.input_tokens)
        return eligible[decision.chosen], acts

    def decided(
        self, group: str, deployments: Sequence[Any], request: Request
    ) -> tuple[Decision, Sequence[Any], bool] | None:
        """The decision, the deployments it was between, and whether it is acted on. Nothing is written down."""
        self.observed.look()
        mode = self.observed.mode.mode
        if mode in _UNCHOSEN:
            return None
        acts = mode == "on" or self.acts(group, request)
        eligible, cheaper = self._eligible(group, deployments, request, acts=acts)
        if len(eligible) == 0:
            return None
        policy = self.policy
        known = self.weighed(eligible, request, policy)
        asked = self.asked(group, known, request)
        if cheaper:
            return decide(asked, [one[0] for one in known], policy.cheaper(), self.draw()), eligible, acts
        return decide_between(asked, known, policy, self.draw()), eligible, acts

    def acts(self, group: str, request: Request) -> bool:
        """Whether routing acts on this request, as far as its mode goes."""
        mode = self.observed.mode
        return mode.mode == "on" or (mode.mode == "canary" and in_canary(request.trace or group, mode.canary_percent))

    def _eligible(
        self, group: str, deployments: Sequence[Any], request: Request, *, acts: bool
    ) -> tuple[Sequence[Any], bool]:
        """Those that budgets and this request's past leave, and whether the cheapest should be taken."""
        limits = self.observed.limits
        cheaper = False
        left = deployments
        if limits:
            left = [one for one in deployments if not blocking(limits, group, one)]
            if not left and deployments and acts:
                named = blocking(limits, group, deployments[0])
                raise BudgetExceededError(f"budget {named} is spent, and every deployment of {group} is under it")
            left = left or deployments
            cheaper = any(degrading(limits, group, one) for one in left)
        if len(deployments) < 2:  # noqa: PLR2004 - one deployment is no choice
            return (), cheaper
        if tried := self.remembered.tried(request.trace):
            left = [one for one in left if deployment_id(one) not in tried] or left
        return left, cheaper

    def weighed(self, deployments: Sequence[Any], request: Request, policy: Policy) -> list[Weighed]:
        """What is known of these deployments, for this request."""
        known = self.observed.weighed(deployments, self.facts, policy)
        conversation = request.conversation
        if conversation is None or (warm := self.remembered.warm(conversation)) is None:
            return known
        name, tokens = warm
        place = next((nth for nth, one in enumerate(known) if one[0].deployment_id == name), None)
        if place is not None:
            one = known[place]
            known[place] = (msgspec.structs.replace(one[0], warm_tokens=tokens), *one[1:4], tokens)
        return known

    def asked(self, group: str, known: Sequence[Weighed], request: Request) -> Asked:
        """What the request asks for, its answer being as long as the group's usually are."""
        output = self.observed.answer_tokens(group, known)
        most = request.most_output_tokens
        late = self.observed.lateness.price
        asked = Asked(
            input_tokens=request.input_tokens,
            output_tokens=output if most is None else min(output, most),
            tools=request.tools,
            vision=request.vision,
            stream=request.stream,
        )
        if not late:
            return asked
        # The limit counts requests: being late costs each of them the same, and those with dear answers may afford it.
        usual = Asked(
            input_tokens=self.observed.prompt_tokens(group, known, request.input_tokens),
            output_tokens=self.observed.answer_tokens(group, known),
        )
        costs = [cost for cost in costs_of(usual, [one[0] for one in known]) if cost is not None]
        return msgspec.structs.replace(asked, late_usd=late * min(costs, default=0.0))

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


def in_canary(key: str, percent: float) -> bool:
    """Whether a request belongs to the canary: all attempts of a trace fall on the same side, always."""
    return zlib.crc32(key.encode()) % (_HUNDRED * _SCALE) < percent * _SCALE
