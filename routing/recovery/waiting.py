"""Which failures are worth another attempt, and how long to wait before it."""

from __future__ import annotations

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 8.0
LONGEST_ASKED_S = 30.0
"""A provider that asks for more with Retry-After is not waited for: whoever calls would rather know."""
AGAIN = frozenset({"rate_limit", "timeout", "server", "network"})
"""Kinds that may pass by themselves: 408, 429, 500, 502, 503, 504 and broken connections."""
ELSEWHERE = frozenset({"auth", "permission", "not_found", "unknown"})
"""Kinds that will not pass at this deployment, while another may well answer."""


def worth_another(kind: str, *, others: bool, asked_s: float | None = None) -> bool:
    """Whether to try again. ``others``: whether the group has a deployment that has not failed in this request."""
    if kind in ELSEWHERE:
        return others
    return kind in AGAIN and (others or asked_s is None or asked_s <= LONGEST_ASKED_S)


def wait_s(retry: int, draw: float, *, others: bool, asked_s: float | None = None) -> float:
    """Seconds before the retry of this number, counted from 0.

    None at all when another deployment can answer. Else it doubles from half a second to eight, of which a random half
    is left out (``draw`` between 0 and 1), so that callers who failed together do not come back together; at least
    what the provider asked for.
    """
    if others:
        return 0.0
    backoff: float = min(FIRST_WAIT_S * 2**retry, LONGEST_WAIT_S) * (0.5 + draw / 2)
    return max(backoff, min(asked_s or 0.0, LONGEST_ASKED_S))
