"""Windows that budgets hold for: calendar hours, days, weeks and months in a zone, and the last N hours or days.

Windows of one kind tile time: every moment lies in exactly one, through both changes of daylight-saving time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from scalix.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable

CALENDAR = ("hour", "day", "week", "month")
_ROLLING = re.compile(r"(\d{1,4})([hd])")


@dataclass(frozen=True)
class Window:
    """``kind`` is one of ``CALENDAR``, or a length such as ``24h`` or ``30d`` that ends now. Raises SettingsError."""

    kind: str
    zone: str = "UTC"

    def __post_init__(self) -> None:
        """Refuse what is no window."""
        if self.kind not in CALENDAR and not self.length:
            raise SettingsError(f"window {self.kind}: choose {', '.join(CALENDAR)}, or a length such as 24h or 30d")
        try:
            ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise SettingsError(f"zone {self.zone} is unknown: name one as Europe/Berlin") from error

    @property
    def length(self) -> timedelta | None:
        """How long a rolling window is; None for the calendar's."""
        found = _ROLLING.fullmatch(self.kind)
        if not found or not int(found[1]):
            return None
        return timedelta(hours=int(found[1])) if found[2] == "h" else timedelta(days=int(found[1]))

    def span(self, at: datetime) -> tuple[datetime, datetime]:
        """Start (included) and end (not included) of the window that a moment lies in; a rolling one ends at it."""
        if self.length:
            return at - self.length, at
        local = at.astimezone(ZoneInfo(self.zone))
        if self.kind == "hour":
            start = at - timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
            return start.astimezone(UTC), (start + timedelta(hours=1)).astimezone(UTC)
        return self._days(at, _FIRST[self.kind](local.date()))

    def _days(self, at: datetime, first: date) -> tuple[datetime, datetime]:
        """The window of whole local days around a moment. A midnight that is skipped or comes twice is still one."""
        while self._midnight(first) > at:
            first = _FIRST[self.kind](first - timedelta(days=1))
        while self._midnight(_NEXT[self.kind](first)) <= at:
            first = _NEXT[self.kind](first)
        return self._midnight(first), self._midnight(_NEXT[self.kind](first))

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), ZoneInfo(self.zone)).astimezone(UTC)


_FIRST: dict[str, Callable[[date], date]] = {
    "day": lambda day: day,
    "week": lambda day: day - timedelta(days=day.weekday()),
    "month": lambda day: day.replace(day=1),
}
_NEXT: dict[str, Callable[[date], date]] = {
    "day": lambda first: first + timedelta(days=1),
    "week": lambda first: first + timedelta(days=7),
    "month": lambda first: (first + timedelta(days=31)).replace(day=1),
}
