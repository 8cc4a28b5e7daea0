"""Which grain of a rollup answers for which part of a span, so that all of it counts and nothing beside it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from analytics.reading import Readable, ledger_here
from analytics.rollups.declared import DAY_US, HOUR_US, MINUTE_US
from scalix.store import sqlfiles
from scalix.times import from_us, to_us

if TYPE_CHECKING:
    from datetime import datetime

    from analytics.filters import Filters


def grain_of(filters: Filters) -> str:
    """The coarsest grain that the span's stretches consist of."""
    day, hour = filters.bucket % timedelta(days=1), filters.bucket % timedelta(hours=1)
    return "minute" if hour else "hour" if day else "day"


def cuts_of(filters: Filters, coarsest: str = "day", ledger: Readable | None = None) -> dict[str, datetime]:
    """Where a span passes from attempts to minutes to hours to days and back, as ``chosen_stretches`` takes it.

    Sums by the minute are not kept for long. Before that, attempts are read up to the full hour.
    """
    minutes_since: datetime = (ledger or ledger_here()).read(sqlfiles.text("rollups/minutes_since")).item()
    return cuts(filters, coarsest, has_minutes=filters.start >= minutes_since)


def cuts(filters: Filters, coarsest: str, *, has_minutes: bool = True) -> dict[str, datetime]:
    """The same, when it is known whether sums by the minute are there."""
    start, end = to_us(filters.start), to_us(filters.end)
    finest = MINUTE_US if has_minutes else HOUR_US
    minutes = _inside((start, end), finest)
    hours = (minutes[1], minutes[1]) if coarsest == "minute" else _inside(minutes, HOUR_US)
    days = _inside(hours, DAY_US) if coarsest == "day" else (hours[1], hours[1])
    moments = (start, minutes[0], hours[0], days[0], days[1], hours[1], minutes[1], end)
    names = ("start", "minutes_at", "hours_at", "days_at", "days_end", "hours_end", "minutes_end", "end")
    return dict(zip(names, map(from_us, moments), strict=True))


def _inside(span: tuple[int, int], width: int) -> tuple[int, int]:
    """The whole stretches of a width in a span; where there is none, the end of the span twice."""
    start, end = span
    first, last = -(-start // width) * width, end // width * width
    return (first, last) if first < last else (end, end)
