"""What else could have chosen: the ways that people route without Scalix."""

from __future__ import annotations

from typing import TYPE_CHECKING

from routing.policy import OPEN
from routing.scoring import list_cost

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from routing.replay.estimating import Chances
    from routing.replay.traffic import Request

CHEAPEST_LISTED = "always the cheapest list price (LiteLLM: cost-based-routing)"
PRIMARY = "always the first deployment listed"
SHUFFLE = "all alike (LiteLLM: simple-shuffle)"
FASTEST = "always the fastest (LiteLLM: latency-based-routing)"
LAST_MONTH = "the mix of the thirty days before"


def baselines(mix: Mapping[str, float]) -> dict[str, Chances]:
    """Every baseline by its name; ``mix`` is how many attempts each deployment got in the thirty days before."""
    ways: dict[str, Chances] = {
        CHEAPEST_LISTED: lambda one: _least(one, lambda place: list_cost(one.used, one.decision.candidates[place])),
        PRIMARY: lambda one: _least(one, float),
        SHUFFLE: lambda one: _shares(one, lambda _: 1.0),
        FASTEST: lambda one: _least(one, lambda place: one.decision.candidates[place].latency_s),
    }
    if mix:
        ways[LAST_MONTH] = lambda one: _shares(one, lambda name: mix.get(name, 0.0))
    return ways


def _least(one: Request, value: Callable[[int], float | None]) -> list[float]:
    """All chance to the candidate with the least value; what has none, or is left alone, comes last."""
    places = range(len(one.decision.candidates))
    best = min(places, key=lambda place: (one.decision.candidates[place].breaker == OPEN, *_order(value(place)), place))
    return [float(place == best) for place in places]


def _order(value: float | None) -> tuple[bool, float]:
    return (value is None, value or 0.0)


def _shares(one: Request, weight: Callable[[str], float]) -> list[float]:
    """Chance in proportion; all alike when nobody has any."""
    weights = [
        0.0 if candidate.breaker == OPEN else weight(candidate.deployment_id) for candidate in one.decision.candidates
    ]
    total = sum(weights)
    return [part / total for part in weights] if total else [1 / len(weights)] * len(weights)
