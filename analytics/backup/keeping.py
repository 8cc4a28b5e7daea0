"""Which backups are kept: the latest ones, and the last of each day, week and month for as many as the rule says."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from analytics.backup.manifest import FILE_NAME
from scalix.times import to_us

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_NAME = re.compile(r"\d{8}T\d{6}\.\d{6}Z")


@dataclass(frozen=True)
class Kept:
    """A whole backup and when it was made, by its name."""

    made_at: datetime
    path: Path


@dataclass(frozen=True)
class KeepingRule:
    """How many are kept of each kind; all of UTC's calendar, weeks from Monday."""

    latest: int = 3
    days: int = 7
    weeks: int = 4
    months: int = 12


def backups_in(folder: Path) -> list[Kept]:
    """The whole backups in a folder, oldest first."""
    if not folder.is_dir():
        return []
    found = [path for path in folder.iterdir() if _NAME.fullmatch(path.name) and (path / FILE_NAME).exists()]
    return sorted((Kept(_moment(path.name), path) for path in found), key=lambda kept: kept.made_at)


def newest_us(folder: Path) -> int | None:
    """When the newest backup in a folder was made, in microseconds since 1970."""
    found = backups_in(folder)
    return to_us(found[-1].made_at) if found else None


def superfluous(backups: Iterable[Kept], rule: KeepingRule) -> list[Kept]:
    """Those that the rule does not keep, oldest first."""
    ordered = sorted(backups, key=lambda kept: kept.made_at)
    kept = {one.path for one in ordered[-rule.latest :]}
    for number, period in ((rule.days, _day), (rule.weeks, _week), (rule.months, _month)):
        last_of_each = {period(one.made_at): one.path for one in ordered}
        kept |= {last_of_each[key] for key in sorted(last_of_each)[-number:]} if number else set()
    return [one for one in ordered if one.path not in kept]


def remove_superfluous(folder: Path, rule: KeepingRule) -> int:
    """Remove what the rule does not keep; returns how many went."""
    going = superfluous(backups_in(folder), rule)
    for one in going:
        # The manifest first: whatever remains after a crash is no backup any more.
        (one.path / FILE_NAME).unlink(missing_ok=True)
        shutil.rmtree(one.path)
    return len(going)


def _moment(name: str) -> datetime:
    return datetime.strptime(name, "%Y%m%dT%H%M%S.%fZ").replace(tzinfo=UTC)


def _day(moment: datetime) -> tuple[int, ...]:
    return (moment.year, moment.month, moment.day)


def _week(moment: datetime) -> tuple[int, ...]:
    year, week, _ = moment.isocalendar()
    return (year, week)


def _month(moment: datetime) -> tuple[int, ...]:
    return (moment.year, moment.month)
