"""An export day by day: which days there are, and which of them stand already as they are now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

import msgspec

from analytics.state_files import replace_file
from scalix.errors import ScalixError
from scalix.store import sqlfiles
from scalix.times import to_us

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from analytics.reading import Readable

STATE = "_days.json"
_FIRST, _LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Day:
    """A day of UTC with attempts; two equal ones hold the same rows."""

    day: date
    attempts: int
    newest_seq: int

    @property
    def bounds(self) -> dict[str, object]:
        """Its start and end in microseconds since 1970, as queries take them."""
        return {"since_us": day_us(self.day), "until_us": day_us(self.day + timedelta(days=1))}


class DaysDone(msgspec.Struct):
    """What an export has written: by day how many attempts and up to which sequence, and by whose rules."""

    form: str
    days: dict[str, tuple[int, int]] = {}

    def has(self, day: Day) -> bool:
        """Whether this day was written as it is now."""
        return self.days.get(day.day.isoformat()) == (day.attempts, day.newest_seq)


def day_us(day: date) -> int:
    """The first moment of a day, in microseconds since 1970."""
    return to_us(datetime.combine(day, time(tzinfo=UTC)))


def days_with_attempts(lake: Readable, since: datetime | None, until: datetime | None) -> list[Day]:
    """The days in a span of time, whole, oldest first. Raises StoreError."""
    bound: dict[str, object] = {
        "since_us": day_us((since or _FIRST).astimezone(UTC).date()),
        "until_us": to_us(until or _LAST),
    }
    return [Day(*row) for row in lake.read(sqlfiles.text("exports/days"), bound).rows()]


def read_done(folder: Path, form: str) -> DaysDone:
    """What stands in a folder. Raises ScalixError when it holds another export."""
    try:
        done = msgspec.json.decode((folder / STATE).read_bytes(), type=DaysDone)
    except FileNotFoundError:
        return DaysDone(form)
    except (OSError, msgspec.MsgspecError) as error:
        raise ScalixError(f"{folder / STATE} cannot be read: {error}; export to another folder") from error
    if done.form != form:
        raise ScalixError(f"{folder} holds {done.form}, not {form}: export to another folder")
    return done


def write_done(folder: Path, done: DaysDone, day: Day | None = None) -> None:
    """Note one more day as written."""
    if day is not None:
        done.days[day.day.isoformat()] = (day.attempts, day.newest_seq)
    replace_file(folder / STATE, msgspec.json.encode(done))


def partition(folder: Path, name: str, keys: Mapping[str, object]) -> Path:
    """The folder of one partition, written as query engines expect it: ``name/key=value``."""
    path = folder / name
    for key, value in keys.items():
        path /= f"{key}={value}"
    path.mkdir(parents=True, exist_ok=True)
    return path
