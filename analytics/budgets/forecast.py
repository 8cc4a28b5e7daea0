"""What a budget will have spent at its window's end, and when it runs out: many futures, resampled from the past.

A future day looks like a past day of its kind (working day or weekend, in the budget's zone), hour by hour, raised or
lowered to the level that spending has by then. The level starts at that of the last day and moves from day to day as
it did in the past, drawn back to the usual one. So an interval is as wide as the past was unruly.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from math import exp, log
from random import Random
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Sequence

HOUR = timedelta(hours=1)
DAY_HOURS = 24
SHARES = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Shares of futures below a value: the middle, and the bounds of 50 % and 90 % intervals."""
PATHS = 400
LEAST_DAYS = 3
"""Whole days of history without which nothing is foretold."""
HALF_LIFE_DAYS = 14.0
LASTING = 0.9
"""How much of a level's distance to the usual one is thought to be left a day later, before any days were seen."""
BELIEF = 0.7
"""How much that belief counts: as a week in which levels lay a third above or below the usual."""
USUAL_MOVES = (-0.6, -0.3, -0.1, 0.0, 0.1, 0.3, 0.6)
"""Moves of the level that are thought possible before any were seen; they count as as many days do."""
WIDEST_MOVE = 0.7
"""No level that lasts is expected to more than double, or less than halve, from one day to the next."""
LASTS_FROM = 0.5
SATURDAY = 5
LEAST_LEVEL = 0.2
"""A day of less than this share of the usual says nothing about the shape of a day."""
_TINY = 1e-12


@dataclass(frozen=True)
class Hours:
    """Spending by whole hour, in dollars, from ``first`` on without a gap."""

    first: datetime
    values: tuple[float, ...]

    @property
    def end(self) -> datetime:
        """The end of the last hour."""
        return self.first + HOUR * len(self.values)

    def until(self, moment: datetime) -> Hours:
        """The hours that were over by a moment."""
        return Hours(self.first, self.values[: max(0, (moment - self.first) // HOUR)])


@dataclass(frozen=True)
class Forecast:
    """At a moment, of a window's end. Values stand for ``SHARES``, in dollars spent since the window's start."""

    at: datetime
    end: datetime
    spent_usd: float
    at_end: tuple[float, ...]
    fan: tuple[tuple[datetime, tuple[float, ...]], ...]
    """The same at moments on the way, the window's end among them."""
    runs_out: tuple[datetime | None, ...]
    """When the amount is spent, for each of ``SHARES`` of the futures; None where it is not within the window.

    Where it is spent already, no moment lies ahead.
    """
    chance: float
    """The share of futures in which the amount is spent by the window's end."""
    all_spent: bool
    """Whether it is spent already."""


def forecast(
    history: Hours, *, at: datetime, end: datetime, spent_usd: float, amount_usd: float, zone: str = "UTC"
) -> Forecast | None:
    """Look ahead from ``at``; None with less history than ``LEAST_DAYS``. The same question gets the same answer."""
    past = _Past.of(history.until(at), zone)
    if past is None:
        return None
    rng = Random(f"{end.isoformat()} {len(history.values)}")  # noqa: S311 - draws futures, keeps no secret
    hours = _hours_ahead(at, end)
    paths = [past.path(hours, spent_usd, rng) for _ in range(PATHS)]
    marks = sorted({*range(0, len(hours), max(1, len(hours) // 40)), len(hours) - 1})
    fan = tuple((min(hours[place] + HOUR, end), _shares([path[place] for path in paths])) for place in marks)
    out = sorted(next((place for place, spent in enumerate(path) if spent >= amount_usd), len(hours)) for path in paths)
    all_spent = spent_usd >= amount_usd
    places = [out[min(int(share * PATHS), PATHS - 1)] for share in SHARES]
    dates = tuple(None if all_spent else _out_at(place, hours, end) for place in places)
    chance = sum(place < len(hours) for place in out) / PATHS
    return Forecast(at, end, spent_usd, fan[-1][1], fan, dates, chance, all_spent)


def _hours_ahead(at: datetime, end: datetime) -> list[datetime]:
    """The whole hours of the clock from that of now until the end; the first and last may be cut."""
    first = at.replace(minute=0, second=0, microsecond=0)
    return [max(first + HOUR * n, at) for n in range(max(1, -((first - end) // HOUR)))]


def _out_at(place: int, hours: Sequence[datetime], end: datetime) -> datetime | None:
    return min(hours[place] + HOUR, end) if place < len(hours) else None


def _shares(values: list[float]) -> tuple[float, ...]:
    ordered = sorted(values)
    return tuple(ordered[min(int(share * len(ordered)), len(ordered) - 1)] for share in SHARES)


@dataclass(frozen=True)
class _Past:
    """What the futures are drawn from."""

    zone: ZoneInfo
    profile: dict[tuple[bool, int], float]
    """By kind of day and hour: what is usual."""
    days: dict[bool, list[tuple[dict[int, float], float]]]
    """Whole days of each kind: what each hour of the day cost, and the day's level."""
    lasting: float
    """How much of the distance of a level to the usual one was left a day later."""
    moves: list[float]
    """By how much more or less the logarithm of the level moved from day to day."""
    level: float
    """Logarithm of the last day's level."""

    @classmethod
    def of(cls, history: Hours, zone_name: str) -> _Past | None:
        zone = ZoneInfo(zone_name)
        whole = len(history.values) // DAY_HOURS
        if whole < LEAST_DAYS or not any(history.values):
            return None
        # Days are counted back from now, so that the last one is whole.
        skipped = len(history.values) - whole * DAY_HOURS
        slots = [_slot(history.first + HOUR * n, zone) for n in range(skipped, len(history.values))]
        values = history.values[skipped:]
        profile = _profile(slots, values)
        days: dict[bool, list[tuple[dict[int, float], float]]] = {False: [], True: []}
        levels = []
        for day in range(whole):
            span = slice(day * DAY_HOURS, (day + 1) * DAY_HOURS)
            level = _level(slots[span], values[span], profile)
            levels.append(level)
            hours = {slot[1]: value for slot, value in zip(slots[span], values[span], strict=True)}
            kind = sum(slot[0] for slot in slots[span]) * 2 > DAY_HOURS
            days[kind].append((hours, exp(level)))
        lasting = _lasting(levels)
        moves = [after - lasting * before for before, after in pairwise(levels)]
        if lasting >= LASTS_FROM:
            moves = [min(max(move, -WIDEST_MOVE), WIDEST_MOVE) for move in moves]
        return cls(zone, profile, days, lasting, [*moves, *USUAL_MOVES], levels[-1])

    def path(self, hours: Sequence[datetime], spent: float, rng: Random) -> list[float]:
        """One future: what is spent in all by the end of each hour."""
        level, day, donor = self.level, None, None
        path = []
        for moment in hours:
            weekend, hour = _slot(moment, self.zone)
            local_day = moment.astimezone(self.zone).date()
            if local_day != day:
                level = self.lasting * level + rng.choice(self.moves)
                day, donor = local_day, rng.choice(self.days[weekend] or self.days[not weekend])
            assert donor is not None  # noqa: S101 - set with the first hour
            spent += self._hour(donor, weekend, hour, exp(level)) * _part(moment, hours)
            path.append(spent)
        return path

    def _hour(self, donor: tuple[dict[int, float], float], weekend: bool, hour: int, level: float) -> float:
        values, donor_level = donor
        if hour not in values or donor_level < LEAST_LEVEL:
            return self.profile.get((weekend, hour), 0.0) * level
        return values[hour] * level / donor_level


def _lasting(levels: Sequence[float]) -> float:
    """The correlation of levels a day apart, between 0 and 1, pulled toward ``LASTING`` while they vary little."""
    found = sum(before * after for before, after in pairwise(levels))
    spread = sum(level * level for level in levels)
    return min(max((found + BELIEF * LASTING) / (spread + BELIEF), 0.0), 1.0)


def _part(moment: datetime, hours: Sequence[datetime]) -> float:
    """The hour of now is partly over."""
    if moment is not hours[0]:
        return 1.0
    return 1.0 - (moment - moment.replace(minute=0, second=0, microsecond=0)) / HOUR


def _slot(moment: datetime, zone: ZoneInfo) -> tuple[bool, int]:
    local = moment.astimezone(zone)
    return local.weekday() >= SATURDAY, local.hour


def _profile(slots: Sequence[tuple[bool, int]], values: Sequence[float]) -> dict[tuple[bool, int], float]:
    """Means by kind of day and hour, the recent past counting more."""
    sums: dict[tuple[bool, int], tuple[float, float]] = {}
    for place, (slot, value) in enumerate(zip(slots, values, strict=True)):
        weight = 0.5 ** ((len(values) - place) / (HALF_LIFE_DAYS * DAY_HOURS))
        total, weights = sums.get(slot, (0.0, 0.0))
        sums[slot] = total + weight * value, weights + weight
    return {slot: total / weights for slot, (total, weights) in sums.items()}


def _level(slots: Sequence[tuple[bool, int]], values: Sequence[float], profile: dict[tuple[bool, int], float]) -> float:
    """Logarithm of what a day cost against what is usual for its hours; within a factor of a hundred."""
    usual = sum(profile[slot] for slot in slots)
    ratio = sum(values) / usual if usual > _TINY else 1.0
    return log(min(max(ratio, 0.01), 100.0))
