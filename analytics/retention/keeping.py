"""How long what is kept, and taking away what is older: attempts in ledger and lake, and rollups by grain.

Whatever goes, goes by whole days (UTC), so that no bucket of what is kept loses a part of what it was added up from.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from analytics.lake.files import LEVELS, level_files
from analytics.rollups.declared import DAY_US, ROLLUPS
from scalix.store import sqlfiles
from scalix.times import from_us

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from scalix.settings import Settings
    from scalix.store.ledger import Ledger

ATTEMPTS = "attempts"


@dataclass(frozen=True)
class Keeping:
    """For how many days what is kept; 0 is for ever."""

    attempts: int = 0
    lake: int = 0
    minute: int = 0
    hour: int = 0
    day: int = 0

    @classmethod
    def of(cls, settings: Settings) -> Keeping:
        """As the settings say."""
        return cls(
            attempts=settings.keep_attempts_days,
            lake=settings.keep_lake_days,
            minute=settings.keep_minutes_days,
            hour=settings.keep_hours_days,
            day=settings.keep_days_days,
        )


def retain(ledger: Ledger, keeping: Keeping, *, now_us: int) -> int:
    """Take away from the ledger what is older, and note since when it is complete. Returns how many rows went."""
    removed = 0
    with ledger.transaction() as cursor:
        for what, days in ((ATTEMPTS, keeping.attempts), *((grain, getattr(keeping, grain)) for grain in GRAINS)):
            if not days:
                continue
            since = _since(now_us, days)
            for table, moment in _tables(what):
                sql = sqlfiles.text("retention/remove").replace("{table}", table).replace("{moment}", moment)
                ((gone,),) = cursor.execute(sql, {"since": since}).fetchall()
                removed += gone
            cursor.execute(sqlfiles.text("retention/note"), {"what": what, "since": since}).fetchall()
    return removed


def aged_files(lake: Path, keeping: Keeping, *, now_us: int) -> list[Path]:
    """Files of the lake's highest level of which every row is older; never the last, which says how far it reaches."""
    if not keeping.lake:
        return []
    since = _since(now_us, keeping.lake)
    return [file.path for file in level_files(lake, LEVELS[-1])[:-1] if _newest(file.path) < since]


GRAINS = ("minute", "hour", "day")


def _tables(what: str) -> list[tuple[str, str]]:
    """The tables of what is kept, and by which column they age."""
    if what == ATTEMPTS:
        return [(ATTEMPTS, "started_at")]
    return [(rollup.table(what), "bucket_at") for rollup in ROLLUPS if what in rollup.grains]


def _since(now_us: int, days: int) -> datetime:
    return from_us(now_us // DAY_US * DAY_US - days * DAY_US)


def _newest(path: Path) -> datetime:
    """When the last attempt of a file started, out of its statistics."""
    metadata = pq.read_metadata(path)
    column = metadata.schema.to_arrow_schema().get_field_index("started_at")
    groups = (metadata.row_group(number).column(column).statistics for number in range(metadata.num_row_groups))
    newest: datetime = max(group.max for group in groups)
    return newest
