"""Off-peak hours as LiteLLM's map writes them, turned into weekly windows in UTC."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from analytics.pricing.hours import from_rule

Window = tuple[int, int]
_DAY = 24 * 60


def off_peak_hours(stated: Mapping[str, object]) -> str | None:
    """The weekly window of an ``off_peak_pricing`` block; None when none can be read from it.

    Hours are UTC; the weekday is that of ``weekday_timezone``. A zone with daylight saving has no fixed window, and
    is read with the offset it has in January.
    """
    zone = ZoneInfo(str(stated.get("weekday_timezone") or "UTC"))
    rules = list(_rules(stated))

    def opens(moment: datetime) -> bool:
        minute = moment.hour * 60 + moment.minute
        weekday = moment.astimezone(zone).isoweekday()
        return any(_within(minute, windows) for weekdays, windows in rules if weekday in weekdays)

    return from_rule(opens)


def _rules(stated: Mapping[str, object]) -> Iterator[tuple[frozenset[int], tuple[Window, ...]]]:
    every_day = frozenset(range(1, 8))
    yield every_day, tuple(_windows(stated.get("hours_utc")))
    rules = stated.get("windows")
    for rule in rules if isinstance(rules, Sequence) and not isinstance(rules, str) else ():
        weekdays = rule.get("weekdays")
        yield every_day if weekdays is None else frozenset(weekdays), tuple(_windows(rule.get("hours_utc")))


def _windows(value: object) -> Iterator[Window]:
    for text in (value,) if isinstance(value, str) else value if isinstance(value, Sequence) else ():
        start, _, end = str(text).partition("-")
        yield _minute(start), _minute(end)


def _minute(text: str) -> int:
    hour, _, minute = text.strip().partition(":")
    return int(timedelta(hours=int(hour), minutes=int(minute)).total_seconds()) // 60 % _DAY


def _within(minute: int, windows: tuple[Window, ...]) -> bool:
    """A window whose end is not after its start runs past midnight; equal ends mean the whole day."""
    return any(start <= minute < end if start < end else minute >= start or minute < end for start, end in windows)
