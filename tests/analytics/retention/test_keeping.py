"""What is older than is to be kept goes, by grain, and nothing that stays loses a part of what it was added up from."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from analytics.lake.clockwork import Lake, LakeOptions
from analytics.lake.files import level_files
from analytics.lake.tables import publish_rollups, publish_tables, write_views
from analytics.retention.keeping import Keeping, aged_files, retain
from analytics.rollups.refresh import refresh_rollups
from scalix.store.lake_reader import read_lake
from scalix.times import to_us
from tests.attempt_rows import NOON, Attempt, after_noon, record

if TYPE_CHECKING:
    from scalix.store.ledger import Ledger

pytestmark = pytest.mark.usefixtures("ledger_views")
NOW_US = to_us(NOON)


def days(ledger: Ledger, *ago: int) -> None:
    """Three attempts at noon of each of these days, minutes apart, rolled up."""
    record(ledger, [Attempt(after_noon(days=-day, minutes=minute)) for day in ago for minute in range(3)])
    refresh_rollups(ledger, now_us=NOW_US)


def count(ledger: Ledger, table: str) -> int:
    """How many attempts a table stands for."""
    what = "count(*)" if table == "attempts" else "coalesce(sum(attempts), 0)"
    return int(ledger.read(f"SELECT {what} FROM {table}").item())


def test_each_grain_goes_by_its_own_age(ledger: Ledger) -> None:
    days(ledger, 0, 5, 40)
    assert retain(ledger, Keeping(attempts=30, minute=3, hour=30), now_us=NOW_US) > 0
    grains = ("attempts", "reliability_minute", "reliability_hour", "reliability_day", "spend_day", "requests_minute")
    assert [count(ledger, table) for table in grains] == [6, 3, 6, 9, 9, 3]
    assert retain(ledger, Keeping(), now_us=NOW_US) == 0


def test_what_comes_in_later_for_a_day_whose_minutes_went_is_added_to_its_hours(ledger: Ledger) -> None:
    days(ledger, 10)
    retain(ledger, Keeping(minute=3), now_us=NOW_US)
    assert count(ledger, "reliability_minute") == 0
    record(ledger, [Attempt(after_noon(days=-10, minutes=30))])
    refresh_rollups(ledger, now_us=NOW_US)
    assert [count(ledger, f"reliability_{grain}") for grain in ("hour", "day")] == [4, 4]
    assert count(ledger, "requests_day") == 4


def test_an_attempt_that_turns_out_another_s_on_a_day_whose_minutes_went_is_counted_once(ledger: Ledger) -> None:
    days(ledger, 10)
    retain(ledger, Keeping(minute=3), now_us=NOW_US)
    with ledger.transaction() as cursor:
        cursor.execute("UPDATE attempts SET seq = seq + 10, deployment_id = 'another'").fetchall()
    refresh_rollups(ledger, now_us=NOW_US)
    assert ledger.read("SELECT deployment_id, attempts FROM reliability_day").rows() == [("another", 3)]
    assert [count(ledger, table) for table in ("reliability_hour", "spend_hour", "spend_day")] == [3, 3, 3]


def test_what_comes_in_for_a_day_whose_attempts_went_leaves_its_sums_alone(ledger: Ledger) -> None:
    days(ledger, 10)
    retain(ledger, Keeping(attempts=3), now_us=NOW_US)
    record(ledger, [Attempt(after_noon(days=-10, minutes=30))])
    assert refresh_rollups(ledger, now_us=NOW_US) > 0
    assert [count(ledger, f"reliability_{grain}") for grain in ("minute", "hour", "day")] == [3, 3, 3]
    assert refresh_rollups(ledger, now_us=NOW_US) == 0


def test_old_files_of_the_lake_are_emptied_and_the_newest_stays(ledger: Ledger) -> None:
    at_once = LakeOptions(tail_s=0, ten_s=0, part_s=0, hour_s=0, day_s=0, grace_s=0, settle_s=0, settle_merged_s=0)
    lake = Lake(ledger, ledger.folder.lake, at_once)
    lake.start()
    for day in (40, 20, 10):
        days(ledger, day)
        for _ in range(8):
            lake.tick()
    publish_tables(ledger, ledger.folder)
    publish_rollups(ledger, ledger.folder)
    write_views(ledger.folder)
    assert len(level_files(lake.path, "days")) == 3

    lake.retire(aged_files(lake.path, Keeping(lake=15), now_us=NOW_US))
    for _ in range(3):
        lake.tick()

    assert read_lake(ledger.folder.lake_views, "SELECT count(*) AS n FROM attempts") == [{"n": 3}]
    assert aged_files(lake.path, Keeping(lake=1), now_us=NOW_US) == []
    sizes = {path.stat().st_size for path in lake.path.glob("days/part-*.parquet")}
    assert len(sizes) == 2
    assert count(ledger, "attempts") == 9


def test_a_day_is_whole_or_gone(ledger: Ledger) -> None:
    record(ledger, [Attempt(NOON - timedelta(days=3, hours=hour)) for hour in (11, 13)])
    refresh_rollups(ledger, now_us=NOW_US)
    retain(ledger, Keeping(attempts=3), now_us=NOW_US)
    assert count(ledger, "attempts") == 1
