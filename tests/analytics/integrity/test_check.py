"""`scalix check` finds damage in each store and names the file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from analytics.lake.clockwork import Lake
from analytics.lake.tables import publish_rollups, publish_tables, write_views
from scalix.cli.app import app
from scalix.folder import Folder
from scalix.store.control import ControlStore
from scalix.store.ledger import Ledger
from tests.spool_files import event, lines, take_in, whole_attempt, write_segment

if TYPE_CHECKING:
    from pathlib import Path

EVENTS = [one for number in range(1, 100) for one in whole_attempt(number)]
_MIDDLE = 0.4


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """All four stores, sound; one published row has been replaced."""
    place = Folder(tmp_path / "home")
    write_segment(place.spool, lines(EVENTS))
    ledger = Ledger.open(place)
    take_in(ledger)
    lake = Lake(ledger, place.lake)
    lake.start()
    lake.finish()
    write_segment(place.spool, lines([event("streamed", 5, served_model="gpt-4o-later")], "two"), "host-boot-2.seg")
    take_in(ledger)
    lake.finish()
    publish_tables(ledger, place)
    publish_rollups(ledger, place)
    write_views(place)
    ledger.close()
    write_segment(place.spool, lines(EVENTS[:3], "three"), "host-boot-3.seg")
    ControlStore.in_folder(place).close()
    return place


def checked(folder: Folder) -> tuple[int, dict[str, dict[str, object]], list[tuple[str, str]]]:
    done = CliRunner().invoke(app, ["check", "--folder", str(folder.root), "--json"])
    stores = json.loads(done.stdout)["stores"]
    damage = [(one["store"], one["file"]) for store in stores for one in store["damage"]]
    return done.exit_code, {store["store"]: store["counted"] for store in stores}, damage


def flip(path: Path, at: float = _MIDDLE) -> None:
    content = bytearray(path.read_bytes())
    content[int(len(content) * at)] ^= 1
    path.write_bytes(content)


def test_sound_stores_are_counted(folder: Folder) -> None:
    status, counted, damage = checked(folder)
    assert (status, damage) == (0, [])
    assert counted["ledger"]["attempts"] == counted["lake"]["attempts"] == 99
    assert counted["segments"] == {"segments": 1, "archived": 2, "lines": 298 + 2 + 4}
    assert counted["control"]["budgets"] == 0


def test_damage_is_named_in_each_store(folder: Folder) -> None:
    (part,) = folder.lake.glob("seconds/part-0000.parquet")
    flip(part, 0.999)
    flip(folder.spool / "host-boot-3.seg", 0.9)
    archived = min(folder.archive.iterdir())
    flip(archived)
    folder.control.write_bytes(b"SQLite format 3\0" + b"\xa5" * 8000)
    status, _, damage = checked(folder)
    assert status == 1
    assert {
        ("lake", "lake/seconds/part-0000.parquet"),
        ("segments", "spool/host-boot-3.seg"),
        ("control", "control.sqlite"),
    } <= set(damage)
    assert any(file.startswith("archive/host-boot-1.seg") for _, file in damage)


def test_a_damaged_ledger_is_named_and_left_as_it_is(folder: Folder) -> None:
    content = bytearray(folder.ledger.read_bytes())
    for place in range(len(content) // 3, len(content), 97):
        content[place] ^= 4
    folder.ledger.write_bytes(content)
    status, _, damage = checked(folder)
    assert status == 1
    assert ("ledger", "scalix.duckdb") in damage
    assert folder.ledger.read_bytes() == content


def test_a_readable_row_that_differs_from_the_ledger_is_found(folder: Folder) -> None:
    (part,) = folder.lake.glob("seconds/part-0000.parquet")
    table = pq.read_table(part)
    column = table.schema.get_field_index("input_tokens")
    changed = table.set_column(column, "input_tokens", pc.add(table["input_tokens"], 1))
    pq.write_table(changed, part)
    _, _, damage = checked(folder)
    assert damage == [("lake", "lake/seconds/part-0000.parquet")]


def test_a_folder_without_stores_has_nothing_to_check(tmp_path: Path) -> None:
    status, _, damage = checked(Folder(tmp_path / "nothing"))
    assert (status, damage) == (0, [])
    assert not (tmp_path / "nothing").exists()
