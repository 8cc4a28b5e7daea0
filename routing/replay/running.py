"""Replays recorded traffic: under a scenario, or under what else could have chosen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from analytics import decisions
from routing.replay.baselines import baselines
from routing.replay.estimating import ANSWERED, SECONDS, Estimate, Measure, cost_measure, estimate
from routing.replay.traffic import MOST, recorded

if TYPE_CHECKING:
    from datetime import datetime

    from analytics.reading import Readable
    from routing.replay.scenarios import Scenario

MONTH = timedelta(days=30)


@dataclass(frozen=True)
class Replayed:
    """What a scenario would have come to, per request."""

    cost: Estimate
    seconds: Estimate
    answered: Estimate
    unpriced: int
    """Requests left out since their cost is unknown."""
    deployments: tuple[str, ...]
    """All that some request could have gone to; a scenario about others changes nothing."""


@dataclass(frozen=True)
class Saving:
    """What routing saved against one baseline: negative when it cost more. ``within`` is its interval."""

    baseline: str
    saved_usd: float
    within_usd: float
    estimate: Estimate
    unpriced: int
    """Requests left out since their cost is unknown."""

    @property
    def priced_share(self) -> float:
        """Requests of known cost among all; there is at least one."""
        return self.estimate.requests / (self.estimate.requests + self.unpriced)


def replay(
    scenario: Scenario,
    start: datetime,
    end: datetime,
    group: str | None = None,
    ledger: Readable | None = None,
    *,
    most: int = MOST,
) -> Replayed:
    """Run the requests of a span under a scenario. Raises StoreError, and SettingsError for a policy's wrong value."""
    requests, unpriced = recorded(start, end, group, ledger, most=most)
    chances = [scenario.chances(one.decision) for one in requests]
    by_request = {id(one): found for one, found in zip(requests, chances, strict=True)}

    def asked(measure: Measure, was: Measure | None = None) -> Estimate:
        return estimate(requests, lambda one: by_request[id(one)], measure, was)

    cost = asked(cost_measure(scenario.price_of), cost_measure())
    could = {candidate.deployment_id for one in requests for candidate in one.decision.candidates}
    return Replayed(cost, asked(SECONDS), asked(ANSWERED), unpriced, tuple(sorted(could)))


def savings(
    start: datetime, end: datetime, group: str | None = None, ledger: Readable | None = None, *, most: int = MOST
) -> list[Saving]:
    """The savings ledger of a span: against each baseline, in dollars over all its requests."""
    requests, unpriced = recorded(start, end, group, ledger, most=most)
    mix = decisions.mix(start - MONTH, start, group, ledger)
    told = []
    for name, chances in baselines(mix).items():
        found = estimate(requests, chances, cost_measure())
        told.append(Saving(name, found.difference * found.requests, found.within * found.requests, found, unpriced))
    return told
