"""The lake's views as plain Parquet: attempts by day, everything else one file each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from analytics.exports.days import days_with_attempts, partition, read_done, write_done
from scalix.errors import ScalixError
from scalix.store import sqlfiles
from scalix.store.views import VIEWS

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from scalix.store.lake_reader import LakeReader

OTHERS = tuple(view for view in VIEWS if view not in {"attempts", "requests"})
"""Views beside the attempts; requests are made of these."""
_FORM = "parquet"


@dataclass(frozen=True)
class ParquetExport:
    """What was written; days that stood there already as they are now are not."""

    days: int
    unchanged_days: int
    attempts: int
    tables: int


def export_parquet(
    lake: LakeReader,
    folder: Path,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    note: Callable[[int, int], None] = lambda _done, _all: None,
) -> ParquetExport:
    """Write ``attempts/date=…/attempts.parquet`` and ``tables/VIEW.parquet``; ``note`` is told of days done, of days.

    Going on after an interruption, or again later, writes only what is new or has changed. Raises ScalixError.
    """
    days = days_with_attempts(lake, since, until)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        done = read_done(folder, _FORM)
        written = [day for day in days if not done.has(day)]
        for number, day in enumerate(written, 1):
            path = partition(folder, "attempts", {"date": day.day.isoformat()}) / "attempts.parquet"
            _copy(lake, sqlfiles.text("exports/copy_day"), path, day.bounds)
            write_done(folder, done, day)
            note(number, len(written))
        for view in OTHERS:
            sql = sqlfiles.text("exports/copy_view").replace("{view}", view)
            _copy(lake, sql, partition(folder, "tables", {}) / f"{view}.parquet", {})
    except OSError as error:
        raise ScalixError(f"{folder} cannot be written: {error}") from error
    return ParquetExport(len(written), len(days) - len(written), sum(day.attempts for day in written), len(OTHERS))


def _copy(lake: LakeReader, sql: str, path: Path, bound: dict[str, object]) -> None:
    """The file appears whole or not at all."""
    temporary = path.with_name(path.name + ".tmp")
    lake.copy(sql, {**bound, "path": str(temporary)})
    temporary.replace(path)
