"""What an hour should look like: the hours around the same time of day, on days of the same kind, of the last weeks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from analytics.rollups.declared import DAY_US, HOUR_US
from scalix.times import from_us

if TYPE_CHECKING:
    from collections.abc import Mapping

WEEKS = timedelta(weeks=4)
LEAST_HOURS = 9
"""Three days with the hours before and after."""
SATURDAY = 5
_NORMAL = 1.4826
"""By which the median deviation of normal values is multiplied to be their standard deviation."""
_LEAST_SPREAD = 0.25
"""Hours are never more alike than this share of what is expected."""


@dataclass(frozen=True)
class Expected:
    """The middle of comparable hours, and how far they lie apart."""

    middle: float
    spread: float

    def score(self, found: float) -> float:
        """How many spreads above the middle."""
        return (found - self.middle) / self.spread


def comparable(hour_us: int, first_us: int, zone: str = "UTC") -> list[int]:
    """The hours that say what this one should look like: one hour to either side, on earlier days of its kind."""
    weekend = _weekend(hour_us, zone)
    days = range(1, WEEKS.days + 1)
    hours = (hour_us - day * DAY_US + shift * HOUR_US for day in days for shift in (-1, 0, 1))
    return [one for one in hours if one >= first_us and _weekend(one, zone) == weekend]


def expected(values: Mapping[int, float], hours: list[int], least: float) -> Expected | None:
    """From the values of comparable hours, 0 where there is none; None with too few hours to tell.

    ``least`` is the smallest spread. Median and median deviation, so that earlier anomalies hardly count.
    """
    if len(hours) < LEAST_HOURS:
        return None
    found = [values.get(hour, 0.0) for hour in hours]
    middle = median(found)
    deviation = median(abs(one - middle) for one in found)
    return Expected(middle, max(_NORMAL * deviation, _LEAST_SPREAD * middle, least))


def _weekend(hour_us: int, zone: str) -> bool:
    return from_us(hour_us).astimezone(ZoneInfo(zone)).weekday() >= SATURDAY
