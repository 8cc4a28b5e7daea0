"""What if: another policy, other prices, an outage, a budget that runs low. It turns one decision into another."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from routing.deciding import decide
from routing.policy import OPEN, Policy
from scalix.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from routing.policy import Candidate, Decision


@dataclass(frozen=True)
class Scenario:
    """Everything that differs from what was; by default nothing does."""

    policy: Mapping[str, object] = field(default_factory=dict)
    """Fields of the policy to replace."""
    prices: Mapping[str, float] = field(default_factory=dict)
    """What prices of a deployment are multiplied by."""
    down: frozenset[str] = frozenset()
    """Deployments that cannot be reached."""
    degrade: bool = False
    """As if a budget ran low: time is worth nothing."""

    def chances(self, recorded: Decision) -> list[float]:
        """With which probability each candidate of a recorded decision would have been chosen.

        Raises SettingsError when the policy has no such field.
        """
        try:
            policy = msgspec.convert(msgspec.structs.asdict(recorded.policy) | dict(self.policy), Policy)
        except msgspec.ValidationError as error:
            raise SettingsError(f"policy {dict(self.policy)}: {error}; its fields are in routing/policy.py") from error
        candidates = [self._altered(one) for one in recorded.candidates]
        chosen = decide(recorded.asked, candidates, policy.cheaper() if self.degrade else policy, recorded.draw)
        return chosen.probabilities

    def price_of(self, deployment_id: str) -> float:
        """What its price is multiplied by."""
        return self.prices.get(deployment_id, 1.0)

    def _altered(self, one: Candidate) -> Candidate:
        factor = self.price_of(one.deployment_id)
        if factor == 1.0 and one.deployment_id not in self.down:
            return one
        return msgspec.structs.replace(
            one,
            discount=one.discount * factor,
            cost_usd=None if one.cost_usd is None else one.cost_usd * factor,
            breaker=OPEN if one.deployment_id in self.down else one.breaker,
        )
