"""Which grain of a rollup answers for a span, and which of several grains for each part of it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from analytics.rollups.declared import DAY_US, GRAINS, HOUR_US
from scalix.times import from_us, to_us

if TYPE_CHECKING:
    from datetime import datetime

    from analytics.filters import Filters


def grain_of(filters: Filters) -> str:
    """The coarsest grain that the span's stretches consist of."""
    day, hour = filters.bucket % timedelta(days=1), filters.bucket % timedelta(hours=1)
    return "minute" if hour else "hour" if day else "day"


def cuts_of(filters: Filters) -> dict[str, datetime]:
    """Where a span passes from minutes to hours to days and back, as the macro ``chosen_stretches`` takes it.

    What lies between the first and the last cut is what the buckets of `grain_of` cover, however long the span is: the
    figures of a table are those of the chart above it.
    """
    start_us = to_us(filters.first_bucket)
    end_us = _up(to_us(filters.end), GRAINS[grain_of(filters)])
    hours_at = min(_up(start_us, HOUR_US), end_us)
    hours_end = max(end_us // HOUR_US * HOUR_US, hours_at)
    days_at = min(_up(hours_at, DAY_US), hours_end)
    days_end = max(hours_end // DAY_US * DAY_US, days_at)
    moments = (start_us, hours_at, days_at, days_end, hours_end, end_us)
    names = ("start", "hours_at", "days_at", "days_end", "hours_end", "end")
    return dict(zip(names, map(from_us, moments), strict=True))


def _up(moment_us: int, width_us: int) -> int:
    return -(-moment_us // width_us) * width_us
