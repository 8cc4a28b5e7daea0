"""A backup made while the hub works holds every row once, is verified, thinned by rule, and brings everything back."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from analytics.backup.keeping import KeepingRule, Kept, backups_in, remove_superfluous, superfluous
from analytics.backup.manifest import FILE_NAME, read_manifest
from analytics.backup.restoring import restore_backup
from analytics.backup.taking import PARTIAL, take_backup
from analytics.budgets.definitions import Budget
from analytics.budgets.shelf import all_budgets, keep
from analytics.intake.ingest import ingest_once
from analytics.lake.clockwork import Lake, LakeOptions
from analytics.lake.tables import publish_rollups, publish_tables, write_views
from scalix.errors import StoreError
from scalix.folder import Folder
from scalix.store.control import ControlStore
from scalix.store.ledger import Ledger
from tests.lakes import publish_all
from tests.spool_files import LATER_US, event, everything, lines, take_in, whole_attempt, write_segment

AT_US = LATER_US
EAGER = LakeOptions(tail_s=0, ten_s=0, part_s=0, hour_s=0, day_s=0, grace_s=0, settle_s=0, settle_merged_s=0)


@pytest.fixture
def into(tmp_path: Path) -> Path:
    return tmp_path / "backups"


def record(folder: Folder, numbers: range, name: str) -> None:
    """Finished calls in a segment of their own."""
    events = [one for number in numbers for one in whole_attempt(number)]
    write_segment(folder.spool, lines(events, name), f"host-boot-{name}.seg")


def shown(backup: Path) -> list[tuple[Any, ...]]:
    """What any DuckDB client sees of a backup's lake."""
    with duckdb.connect(str(Folder(backup).lake_views), read_only=True) as connection:
        return connection.execute("SELECT count(*), count(DISTINCT seq) FROM attempts").fetchall()


def budget(name: str = "all") -> Budget:
    return Budget(name=name, amount_usd=Decimal(10))


def test_everything_comes_back_and_what_stood_there_is_set_aside(ledger: Ledger, folder: Folder, into: Path) -> None:
    record(folder, range(1, 50), "a")
    take_in(ledger)
    publish_all(ledger)
    record(folder, range(50, 60), "b")
    control = ControlStore.in_folder(folder)
    control.claim("job", 1, owner="me", now_us=1)
    made = take_backup(folder, into, now_us=AT_US)
    take_in(ledger)
    expected = everything(ledger)
    ledger.close()
    control.close()

    place = Folder(folder.root.with_name("other"))
    restored = restore_backup(into, place, now_us=LATER_US)

    opened = Ledger.open(place)
    assert everything(opened) == expected
    opened.close()
    assert restored.attempts == 59
    assert made.manifest.counts["attempts"] == 49
    assert made.manifest.counts["control.job_slots"] == 1
    again = ControlStore.in_folder(place)
    assert not again.claim("job", 1, owner="you", now_us=1)
    again.close()


def test_segments_that_went_on_since_are_taken_in_too(ledger: Ledger, folder: Folder, into: Path) -> None:
    record(folder, range(1, 30), "a")
    take_in(ledger)
    publish_all(ledger)
    take_backup(folder, into, now_us=AT_US)
    record(folder, range(30, 40), "b")
    take_in(ledger)
    expected = everything(ledger)
    ledger.close()
    folder.ledger.write_bytes(b"\xa5" * 5000)

    restored = restore_backup(into, folder, now_us=LATER_US)

    opened = Ledger.open(folder)
    assert everything(opened) == expected
    opened.close()
    assert sorted(path.name.split(".before")[0] for path in restored.set_aside) == ["lake", "scalix.duckdb"]
    assert all(path.exists() for path in restored.set_aside)


def test_backups_under_load_show_each_row_once(ledger: Ledger, folder: Folder, into: Path) -> None:
    lake = Lake(ledger, folder.lake, EAGER)
    lake.start()
    publish_tables(ledger, folder)
    publish_rollups(ledger, folder)
    write_views(folder)
    stop = threading.Event()
    errors: list[BaseException] = []

    def work() -> None:
        number = 1
        try:
            while not stop.is_set():
                record(folder, range(number, number + 20), f"s{number}")
                # An event that comes late replaces a row that was published already.
                late = event("streamed", max(number - 15, 1), served_model=f"m{number}")
                write_segment(folder.spool, lines([late], f"l{number}"), f"host-boot-l{number}.seg")
                ingest_once(ledger, folder, now_us=LATER_US)
                for _ in range(4):
                    lake.tick()
                number += 20
        except BaseException as error:  # noqa: BLE001 - shown by the test
            errors.append(error)

    worker = threading.Thread(target=work)
    worker.start()
    made = []
    try:
        for number in range(3):
            before = ledger.read("SELECT count(*) FROM attempts").item()
            made.append((before, take_backup(folder, into, now_us=AT_US + number)))
    finally:
        stop.set()
        worker.join()
    assert errors == []
    for before, backup in made:
        ((rows, different),) = shown(backup.path)
        assert rows == different == backup.manifest.counts["attempts"]
        assert backup.damage == ()
        place = Folder(folder.root.with_name(f"restored-{backup.path.name}"))
        assert restore_backup(backup.path, place, now_us=LATER_US).attempts >= before


def test_unchanged_files_are_shared_with_the_backup_before(ledger: Ledger, folder: Folder, into: Path) -> None:
    record(folder, range(1, 200), "a")
    take_in(ledger)
    publish_all(ledger)
    first = take_backup(folder, into, now_us=AT_US)
    second = take_backup(folder, into, now_us=AT_US + 1)

    assert first.copied_bytes > 0
    assert second.copied_bytes == 0
    remove_superfluous(into, KeepingRule(latest=1, days=0, weeks=0, months=0))
    assert [kept.path for kept in backups_in(into)] == [second.path]
    assert shown(second.path) == [(199, 199)]


def test_what_has_rotted_in_the_backup_before_is_copied_anew(ledger: Ledger, folder: Folder, into: Path) -> None:
    record(folder, range(1, 20), "a")
    take_in(ledger)
    publish_all(ledger)
    first = take_backup(folder, into, now_us=AT_US)
    part = next(first.path.glob("lake/seconds/part-*.parquet"))
    part.write_bytes(part.read_bytes()[:-1] + b"x")

    second = take_backup(folder, into, now_us=AT_US + 1)

    assert second.copied_bytes == part.stat().st_size
    assert shown(second.path) == [(19, 19)]


def test_a_damaged_backup_is_refused_with_the_name_of_the_file(ledger: Ledger, folder: Folder, into: Path) -> None:
    record(folder, range(1, 20), "a")
    take_in(ledger)
    publish_all(ledger)
    made = take_backup(folder, into, now_us=AT_US)
    ledger.close()
    part = next(made.path.glob("lake/seconds/part-*.parquet"))
    part.write_bytes(part.read_bytes()[:-1] + b"x")

    with pytest.raises(StoreError, match=r"lake/seconds/part-0000\.parquet"):
        restore_backup(made.path, folder, now_us=LATER_US)
    restored = restore_backup(made.path, folder, now_us=LATER_US, damaged_too=True)

    assert restored.left_out == ("lake/seconds/part-0000.parquet",)
    assert restored.attempts == 19


def test_damage_in_what_is_copied_is_told(ledger: Ledger, folder: Folder, into: Path) -> None:
    record(folder, range(1, 20), "a")
    take_in(ledger)
    publish_all(ledger)
    (archived,) = folder.archive.iterdir()
    archived.write_bytes(archived.read_bytes()[:-20])

    (damage,) = take_backup(folder, into, now_us=AT_US).damage

    assert (damage.store, damage.file) == ("segments", f"archive/{archived.name}")


def test_a_line_being_written_is_left_for_the_next_backup(folder: Folder, into: Path) -> None:
    content = lines(whole_attempt(1))
    write_segment(folder.spool, content + b"1 0000")

    made = take_backup(folder, into, now_us=AT_US)

    assert (made.path / "spool" / "host-boot-1.seg").read_bytes() == content
    assert made.damage == ()


def test_a_backup_that_did_not_end_is_none(ledger: Ledger, folder: Folder, into: Path) -> None:
    (into / f"20261122T000000.000000Z{PARTIAL}").mkdir(parents=True)
    with pytest.raises(StoreError, match="holds none"):
        restore_backup(into, folder, now_us=LATER_US)
    made = take_backup(ledger.folder, into, now_us=AT_US)
    assert sorted(path.name for path in into.iterdir()) == [".lock", made.path.name]


def test_the_hub_must_not_hold_what_is_restored(ledger: Ledger, folder: Folder, into: Path) -> None:
    take_backup(folder, into, now_us=AT_US)
    script = "import sys, pathlib; from scalix.folder import Folder; from analytics.backup.restoring import *\n"
    script += f"restore_backup(pathlib.Path({str(into)!r}), Folder(pathlib.Path({str(folder.root)!r})), now_us=1)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert "LedgerLockedError" in done.stderr
    assert ledger.read("SELECT 1").item() == 1


def test_backups_do_not_go_into_the_folder_itself(ledger: Ledger, folder: Folder) -> None:
    with pytest.raises(StoreError, match="elsewhere"):
        take_backup(ledger.folder, folder.root / "backups", now_us=AT_US)


def test_the_rule_keeps_the_last_of_each_day_week_and_month() -> None:
    start = datetime(2026, 1, 1, 12, tzinfo=UTC)
    made = [Kept(start + timedelta(hours=12 * step), Path(str(step))) for step in range(2 * 364)]
    rule = KeepingRule(latest=3, days=7, weeks=4, months=12)

    going = {kept.path for kept in superfluous(made, rule)}
    kept = [one.made_at for one in made if one.path not in going]

    assert kept[-3:] == [one.made_at for one in made[-3:]]
    assert {(one.year, one.month) for one in kept} == {(one.made_at.year, one.made_at.month) for one in made}
    assert {one.date() for one in kept} >= {one.made_at.date() for one in made[-13:]}
    assert len(kept) <= 3 + 7 + 4 + 12


def test_budgets_and_the_pepper_are_in_it(folder: Folder, into: Path, tmp_path: Path) -> None:
    control = ControlStore.in_folder(folder)
    keep(control, folder.spool, budget(), reason=None, replace=False)
    control.close()
    (folder.root / "pepper").write_bytes(b"p" * 32)
    take_backup(folder, into, now_us=AT_US)
    place = Folder(tmp_path / "other")

    restore_backup(into, place, now_us=LATER_US)

    restored = ControlStore.in_folder(place)
    assert [one.name for one in all_budgets(restored)] == ["all"]
    restored.close()
    assert (place.root / "pepper").read_bytes() == b"p" * 32
    (backup,) = backups_in(into)
    assert (backup.path / FILE_NAME).stat().st_mode & 0o777 == 0o600
    assert read_manifest(backup.path).counts["control.budgets"] == 1
