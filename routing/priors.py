"""What to think of a deployment with a short record: as of others with its model, else of others at its provider."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .policy import Policy

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scalix.snapshot import DeploymentStats

_USUAL = Policy()


@dataclass
class Pool:
    """Several deployments' attempts together."""

    successes: float = 0.0
    failures: float = 0.0
    latency_s: float = 0.0
    timed: float = 0.0

    def add(self, stats: DeploymentStats) -> None:
        """Take a deployment in."""
        self.successes += stats.successes
        self.failures += stats.failures
        if stats.latency_s is not None:
            self.latency_s += stats.latency_s * stats.successes
            self.timed += stats.successes

    def rate(self, prior: float) -> float:
        """Mean of the Beta posterior."""
        strength = _USUAL.prior_strength
        return (prior * strength + self.successes) / (strength + self.successes + self.failures)

    @property
    def latency(self) -> float | None:
        """Mean of answers."""
        return self.latency_s / self.timed if self.timed > 0 else None


@dataclass
class Priors:
    """Of one snapshot."""

    models: dict[tuple[str | None, str | None], Pool] = field(default_factory=dict)
    providers: dict[str | None, Pool] = field(default_factory=dict)

    @classmethod
    def of(cls, published: Iterable[DeploymentStats]) -> Priors:
        """Pool what was published."""
        made = cls()
        for stats in published:
            made.models.setdefault((stats.provider, stats.model), Pool()).add(stats)
            made.providers.setdefault(stats.provider, Pool()).add(stats)
        return made

    def success(self, provider: str | None, model: str | None) -> float | None:
        """The rate to start from; None when neither model nor provider was seen."""
        of_provider = self.providers.get(provider) if provider else None
        if of_provider is None:
            return None
        rate = of_provider.rate(_USUAL.prior_success)
        of_model = self.models.get((provider, model))
        return rate if of_model is None else of_model.rate(rate)

    def latency(self, provider: str | None, model: str | None) -> float | None:
        """Seconds an answer of this model takes on average, else one of this provider."""
        pools = (self.models.get((provider, model)), self.providers.get(provider) if provider else None)
        return next((pool.latency for pool in pools if pool and pool.latency is not None), None)
