"""A damaged ledger is set aside, named, and rebuilt from lake and segments."""

from __future__ import annotations

import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from analytics.lake.clockwork import Lake
from analytics.lake.tables import publish_tables
from analytics.pricing.adjusting import book_repricings
from analytics.rebuild import open_or_rebuild
from scalix.events import PriceEvent, RepriceEvent
from scalix.store.ledger import Ledger
from tests.spool_files import LATER_US, everything, lines, rows, take_in, whole_attempt, write_segment

if TYPE_CHECKING:
    from collections.abc import Callable

    from scalix.folder import Folder

EVENTS = [one for number in range(1, 200) for one in whole_attempt(number)]

KILLED = """
import os, sys
from pathlib import Path
from analytics.intake.ingest import ingest_once
from scalix.folder import Folder
from scalix.store.ledger import Ledger
folder = Folder(Path(sys.argv[1]))
ledger = Ledger.open(folder)
ingest_once(ledger, folder, now_us=1_795_400_000_000_000)
os._exit(0)
"""


def publish(ledger: Ledger) -> None:
    """Bring the lake up to the ledger's last row."""
    lake = Lake(ledger, ledger.folder.lake)
    lake.start()
    lake.finish()


def leave_published(folder: Folder) -> None:
    """All events taken in and in the lake, and nobody at work."""
    write_segment(folder.spool, lines(EVENTS))
    ledger = Ledger.open(folder)
    take_in(ledger)
    publish(ledger)
    ledger.close()


def garbage(path: Path) -> None:
    path.write_bytes(b"\xa5" * 50_000)


def flipped(path: Path) -> None:
    content = bytearray(path.read_bytes())
    for place in range(len(content) // 3, len(content), 97):
        content[place] ^= 4
    path.write_bytes(content)


def zero_tail(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2] + b"\0" * (len(content) - len(content) // 2))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.parametrize("damage", [garbage, flipped, zero_tail, cut])
def test_a_damaged_file_is_rebuilt_from_segments(folder: Folder, damage: Callable[[Path], None]) -> None:
    write_segment(folder.spool, lines(EVENTS))
    ledger = Ledger.open(folder)
    take_in(ledger)
    before = everything(ledger)
    ledger.close()
    damage(folder.ledger)

    ledger, report = open_or_rebuild(folder, now_us=LATER_US)
    take_in(ledger)
    after = everything(ledger)
    ledger.close()

    assert after == before
    assert report is not None
    assert [path.name for path in report.set_aside] == ["scalix.duckdb.damaged-20261122T222616.000000Z"]
    assert all(path.exists() for path in report.set_aside)


@pytest.mark.parametrize("damage", [garbage, flipped, zero_tail, cut, Path.unlink])
def test_a_damaged_write_ahead_log_is_rebuilt_too(folder: Folder, damage: Callable[[Path], None]) -> None:
    write_segment(folder.spool, lines(EVENTS))
    subprocess.run([sys.executable, "-c", KILLED, str(folder.root)], check=True)
    log = folder.ledger.with_name("scalix.duckdb.wal")
    assert log.stat().st_size > 0
    damage(log)

    ledger, report = open_or_rebuild(folder, now_us=LATER_US)
    take_in(ledger)
    after = everything(ledger)
    ledger.close()

    assert len(after) == 199
    assert report is None or "no ledger" not in report.reason


def test_prices_and_adjustments_come_back_from_the_lake(folder: Folder) -> None:
    asked = RepriceEvent(at_us=LATER_US, since_us=0, until_us=LATER_US, known_at_us=LATER_US, reason="list price")
    prices = [
        PriceEvent(at_us=LATER_US, provider="openai", model="gpt-4o", meter=meter, amount=Decimal(3), valid_from_us=0)
        for meter in ("input", "output")
    ]
    write_segment(folder.spool, lines(EVENTS))
    ledger = Ledger.open(folder)
    take_in(ledger)
    write_segment(folder.spool, lines([*prices, asked], process="people"), "host-boot-2.seg")
    take_in(ledger)
    assert book_repricings(ledger, now_us=LATER_US) == 199
    publish(ledger)
    publish_tables(ledger, folder)
    tables = ("attempts", "prices", "repricings", "repricings_done", "adjustments")
    before = [rows(ledger, "*", table=table) for table in tables]
    ledger.close()
    for path in (*folder.spool.iterdir(), *folder.archive.iterdir()):
        path.unlink()
    garbage(folder.ledger)

    ledger, _ = open_or_rebuild(folder, now_us=LATER_US)
    after = [rows(ledger, "*", table=table) for table in tables]
    ledger.close()

    assert after == before


def test_what_was_lost_without_a_word_comes_back_in_its_order(folder: Folder) -> None:
    write_segment(folder.spool, lines(EVENTS))
    subprocess.run([sys.executable, "-c", KILLED, str(folder.root)], check=True)
    ledger = Ledger.open(folder)
    publish(ledger)
    before = ledger.read("SELECT seq, call_id FROM attempts ORDER BY seq").rows()
    ledger.close()
    folder.ledger.unlink()

    ledger, report = open_or_rebuild(folder, now_us=LATER_US)
    take_in(ledger)
    after = ledger.read("SELECT seq, call_id FROM attempts ORDER BY seq").rows()
    ledger.close()

    assert after == before
    assert report is not None
    assert (report.set_aside, report.rows_from_lake, report.segments_restored) == ((), 199, 1)
    assert str(report) == "there was no ledger; attempts from the lake: 199, segments from the archive: 1"


def test_a_directory_in_place_of_the_file_is_set_aside(folder: Folder) -> None:
    folder.ledger.mkdir(parents=True)
    write_segment(folder.spool, lines(EVENTS))

    ledger, report = open_or_rebuild(folder, now_us=LATER_US)
    take_in(ledger)

    assert report is not None
    assert len(everything(ledger)) == 199
    ledger.close()


def test_what_the_segments_no_longer_hold_comes_from_the_lake(folder: Folder) -> None:
    write_segment(folder.spool, lines(EVENTS))
    ledger = Ledger.open(folder)
    take_in(ledger)
    before = ledger.read("SELECT * FROM attempts ORDER BY seq").rows()
    publish(ledger)
    ledger.close()
    for archived in folder.archive.iterdir():
        archived.unlink()
    garbage(folder.ledger)

    ledger, report = open_or_rebuild(folder, now_us=LATER_US)
    after = ledger.read("SELECT * FROM attempts ORDER BY seq").rows()
    ledger.close()

    assert after == before
    assert report is not None
    assert (report.rows_from_lake, report.segments_restored) == (199, 0)


def test_a_lake_from_before_it_had_all_levels_is_taken_over(folder: Folder) -> None:
    leave_published(folder)
    shutil.rmtree(folder.lake / "tens")
    shutil.rmtree(folder.archive)
    garbage(folder.ledger)

    ledger, report = open_or_rebuild(folder, now_us=LATER_US)
    rebuilt = everything(ledger)
    ledger.close()

    assert len(rebuilt) == 199
    assert report is not None
    assert [path.name.split(".damaged")[0] for path in report.set_aside] == ["scalix.duckdb"]


def test_a_lake_that_is_broken_too_is_set_aside(folder: Folder) -> None:
    leave_published(folder)
    for part in folder.lake.glob("*/part-*.parquet"):
        garbage(part)
    garbage(folder.ledger)

    ledger, report = open_or_rebuild(folder, now_us=LATER_US)
    take_in(ledger)
    after = everything(ledger)
    ledger.close()

    assert len(after) == 199
    assert report is not None
    assert [path.name.split(".damaged")[0] for path in report.set_aside] == ["scalix.duckdb", "lake"]


def test_a_sound_ledger_is_left_alone(folder: Folder) -> None:
    Ledger.open(folder).close()

    ledger, report = open_or_rebuild(folder, now_us=LATER_US)
    ledger.close()

    assert report is None
