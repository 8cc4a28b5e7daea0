"""Which model group to fall back to first: chosen per request, by the best deployment that each of them has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .asking import request_of
from .policy import OPEN
from .scoring import able, scores_of, success_rate, within_limits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .asking import Request
    from .choosing import Chooser

_NOBODY = (True, True, float("inf"))


def group_order(chooser: Chooser, router: Any, arguments: dict[str, Any]) -> list[Any] | None:
    """The request's fallbacks, those that work and keep the limits first, the cheapest of them ahead.

    None when routing does not act on it, or nothing is to be ordered. Fallbacks that carry more than a group's name are
    left as they are.
    """
    group = arguments.get("model")
    named = _fallbacks_of(group, arguments.get("fallbacks", getattr(router, "fallbacks", None)))
    if named is None:
        return None
    request = request_of(arguments, None)
    if not chooser.acts(str(group), request):
        return None
    ordered = sorted(named, key=lambda one: _rank(chooser, router.get_model_list(model_name=one) or (), one, request))
    return [{group: ordered}]


def _fallbacks_of(group: Any, fallbacks: Any) -> list[str] | None:
    """Names of the groups to fall back to, when there are several."""
    for entry in fallbacks if isinstance(fallbacks, list) else ():
        found = entry.get(group) if isinstance(entry, dict) else None
        if isinstance(found, list):
            several = len(found) > 1 and all(isinstance(one, str) for one in found)
            return found if several else None
    return None


def _rank(chooser: Chooser, deployments: Sequence[Any], group: str, request: Request) -> tuple[bool, bool, float]:
    policy = chooser.policy
    known = chooser.weighed(deployments, request, policy)
    if not known:
        return _NOBODY
    asked = chooser.asked(group, known, request)
    candidates = [one[0] for one in known]
    scores = scores_of(asked, candidates, policy)
    return min(
        (
            not able(asked, one) or one.breaker == OPEN,
            not within_limits(asked, one, policy, success_rate(one, policy)),
            score,
        )
        for one, score in zip(candidates, scores, strict=True)
    )
