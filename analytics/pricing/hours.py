"""Weekly windows in which another price holds, as text: ``0-60,240-360`` are minutes of the UTC week, Monday first."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from scalix.times import EPOCH

if TYPE_CHECKING:
    from collections.abc import Callable

WEEK = 7 * 24 * 60
A_MONDAY = EPOCH + timedelta(days=4)
Span = tuple[int, int]


def minute_of_week(moment: datetime) -> int:
    """Minutes since Monday 00:00 UTC. ``moment`` must be aware."""
    return (moment - A_MONDAY) // timedelta(minutes=1) % WEEK


@lru_cache(maxsize=256)
def spans(hours: str) -> tuple[Span, ...]:
    """The windows as ranges of minutes, start inclusive, end exclusive. Raises ValueError for other text."""
    found = tuple(_span(part) for part in hours.split(","))
    if any(not 0 <= start < end <= WEEK for start, end in found):
        raise ValueError(f"{hours!r} is not a weekly window; write minutes of the week such as 0-60,240-360")
    return found


def is_open(hours: str, moment: datetime) -> bool:
    """Whether the window is open at a moment."""
    minute = minute_of_week(moment)
    return any(start <= minute < end for start, end in spans(hours))


def from_rule(is_open_at: Callable[[datetime], bool]) -> str | None:
    """The window that a yes-or-no rule over the hours of a week describes; None when it never opens."""
    found: list[Span] = []
    for minute in range(WEEK):
        if not is_open_at(A_MONDAY + timedelta(minutes=minute)):
            continue
        if found and found[-1][1] == minute:
            found[-1] = (found[-1][0], minute + 1)
        else:
            found.append((minute, minute + 1))
    return ",".join(f"{start}-{end}" for start, end in found) or None


def _span(part: str) -> Span:
    start, _, end = part.partition("-")
    return int(start), int(end)
