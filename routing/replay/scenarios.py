"""What if: another policy, other prices, an outage, a budget that runs low. It turns one decision into another."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isfinite
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
    """Everything that differs from what was; by default nothing does. Raises SettingsError for what cannot be."""

    policy: Mapping[str, object] = field(default_factory=dict)
    """Fields of the policy to replace."""
    prices: Mapping[str, float] = field(default_factory=dict)
    """What prices of a deployment are multiplied by."""
    down: frozenset[str] = frozenset()
    """Deployments that cannot be reached."""
    degrade: bool = False
    """As if a budget ran low: time is worth nothing."""

    def __post_init__(self) -> None:
        """Refuse what no request need be replayed to see."""
        for name in self.policy:
            if name not in Policy.__struct_fields__:
                raise SettingsError(f"the policy has no {name}: its fields are {', '.join(Policy.__struct_fields__)}")
        for name, factor in self.prices.items():
            if not (isfinite(factor) and factor >= 0):
                raise SettingsError(f"{name}={factor:g} is no price: give what it is multiplied by, 0 or more")

    @property
    def deployments(self) -> frozenset[str]:
        """All that it speaks of."""
        return self.down | self.prices.keys()

    def chances(self, recorded: Decision) -> list[float]:
        """With which probability each candidate of a recorded decision would have been chosen.

        Raises SettingsError when a field of the policy cannot have its value.
        """
        try:
            policy = msgspec.convert(msgspec.structs.asdict(recorded.policy) | dict(self.policy), Policy)
        except msgspec.ValidationError as error:
            raise SettingsError(f"policy {dict(self.policy)}: {error}; give another value") from error
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
