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


def corrected() -> dict[str, Any]:
    """Columns with ``less_tokens`` taken off again in ``of_minute``, the minute in which they were counted."""
    less, minute = sa.bindparam("less_tokens", type_=sa.BigInteger), sa.bindparam("of_minute", type_=sa.BigInteger)
    return {
        "tokens": sa.case((accounts.c.minute == minute, accounts.c.tokens - less), else_=accounts.c.tokens),
        "tokens_before": sa.case(
            (accounts.c.minute == minute + 1, accounts.c.tokens_before - less), else_=accounts.c.tokens_before
        ),
    }


def correction(charge: Any, tokens: int | None) -> dict[str, int]:
    """The values for `corrected`: what a call took less than was counted for it is given back."""
    less = 0 if tokens is None else charge.tokens - max(tokens, 0)
    return {"less_tokens": less, "of_minute": charge.made_us // MINUTE_US}
