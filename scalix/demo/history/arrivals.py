"""When requests arrive over a month: fewer at night and on weekends, and more every week."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from scalix.demo.history.workloads import FEATURES, PEOPLE_PER_TEAM

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from random import Random

    from scalix.demo.history.workloads import Feature

DAYS = 30
HOURS = DAYS * 24
BY_HOUR = (2, 1, 1, 1, 1, 2, 4, 8, 14, 19, 21, 20, 17, 19, 21, 20, 18, 14, 9, 7, 6, 5, 4, 3)
"""Working hours in UTC; their mean is near ten."""
SATURDAY = 5
WEEKEND = 0.3
GROWTH = 0.25
"""How much busier the last day is than the first."""


def arrivals(end: datetime, requests: int, rng: Random) -> Iterator[tuple[datetime, Feature, str]]:
    """Moments in order, each with the feature that calls and the person it calls for."""
    start = end - timedelta(hours=HOURS)
    hours = [start + timedelta(hours=hour) for hour in range(HOURS)]
    loads = [[_load(hour, number / HOURS, feature) for feature in FEATURES] for number, hour in enumerate(hours)]
    scale = requests / sum(map(sum, loads))
    for hour, load in zip(hours, loads, strict=True):
        count = round(rng.gauss(sum(load) * scale, (sum(load) * scale) ** 0.5))
        offsets = sorted(rng.random() * 3600 for _ in range(count))
        for offset, feature in zip(offsets, rng.choices(FEATURES, load, k=max(0, count)), strict=True):
            yield hour + timedelta(seconds=offset), feature, person_of(feature.team, rng)


def _load(hour: datetime, age: float, feature: Feature) -> float:
    by_day = BY_HOUR[hour.hour]
    if feature.by_night:
        return feature.weight * (22 - by_day)
    return feature.weight * by_day * (WEEKEND if hour.weekday() >= SATURDAY else 1.0) * (1 + GROWTH * age)


def person_of(team: str, rng: Random) -> str:
    """Somebody of a team."""
    # Squaring makes the first people of a team its heaviest users.
    return f"{team}-{int(PEOPLE_PER_TEAM[team] * rng.random() ** 2) + 1}"
