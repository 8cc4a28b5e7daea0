"""Requests and tokens a minute, over all processes.

The last sixty seconds are this minute and a share of the one before: a window that slides lets no burst through at the
turn of a minute, and needs two counts only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from scalix.store.tables.access import accounts
from scalix.times import MICROSECONDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from analytics.access.limits import Limits

MINUTE_US = 60 * MICROSECONDS


def rolled(values: Mapping[str, Any], now_us: int) -> dict[str, int]:
    """The counts of a row brought up to this minute. A clock that was set back goes on in the minute it had."""
    minute = max(now_us // MINUTE_US, values["minute"])
    passed = minute - values["minute"]
    if passed == 0:
        return {}
    one = passed == 1
    return {
        "minute": minute,
        "requests_before": values["requests"] if one else 0,
        "tokens_before": values["tokens"] if one else 0,
        "requests": 0,
        "tokens": 0,
    }


def exceeded(values: Mapping[str, Any], limits: Limits, tokens: int) -> tuple[str, int, int] | None:
    """The limit that one more call would break: its name, itself, and when there may be room again."""
    begun = min(max(values["now_us"] - values["minute"] * MINUTE_US, 0), MINUTE_US)
    for name, limit, more in (
        ("requests", limits.requests_per_minute, 1),
        ("tokens", limits.tokens_per_minute, tokens),
    ):
        # In whole numbers: what the minute before still counts for, times sixty seconds.
        still = values[f"{name}_before"] * (MINUTE_US - begun)
        if limit is not None and still + (values[name] + more) * MINUTE_US > limit * MINUTE_US:
            return name, limit, (values["minute"] + 1) * MINUTE_US
    return None


def counted(values: Mapping[str, Any], tokens: int) -> dict[str, Any]:
    """The counts with one call more."""
    names = ("minute", "requests_before", "tokens_before")
    return {
        **{name: values[name] for name in names},
        "requests": values["requests"] + 1,
        "tokens": values["tokens"] + tokens,
    }


def corrected(charge: Any, tokens: int | None) -> dict[str, Any]:
    """What a call took less than was counted for it is given back, in the minute that it was counted in."""
    if tokens is None or tokens == charge.tokens:
        return {}
    less, minute = charge.tokens - max(tokens, 0), charge.made_us // MINUTE_US
    return {
        name: sa.case((accounts.c.minute == at, accounts.c[name] - less), else_=accounts.c[name])
        for name, at in (("tokens", minute), ("tokens_before", minute + 1))
    }
