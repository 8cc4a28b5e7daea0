"""Restore drill: whatever file is damaged, the hub's stores open, name what they set aside, and nothing is missing."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import time
from contextlib import closing
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from analytics.backup.control import copy_of, keep_copy
from analytics.backup.restoring import restore_backup
from analytics.backup.taking import take_backup
from analytics.budgets.definitions import Budget
from analytics.budgets.shelf import all_budgets, keep
from analytics.intake.ingest import ingest_once
from analytics.lake.clockwork import Lake
from analytics.lake.tables import publish_rollups, publish_tables, write_views
from scalix.folder import Folder
from scalix.hub.ledgers import open_control, open_ledger
from scalix.settings import Settings
from scalix.store.control import ControlStore
from tests.lakes import publish_all
from tests.soak import at_length
from tests.spool_files import LATER_US, everything, lines, whole_attempt, write_segment

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from scalix.store.ledger import Ledger

DAMAGES = at_length(10, 200)
SERVING_S = 10
"""Of this process alone, so that a busy machine does not count."""

KILLED = """
import os, sys
from pathlib import Path
from analytics.intake.ingest import ingest_once
from scalix.folder import Folder
from scalix.store.ledger import Ledger
folder = Folder(Path(sys.argv[1]))
ledger = Ledger.open(folder)
ingest_once(ledger, folder, now_us=int(sys.argv[2]))
os._exit(0)
"""


def record(folder: Folder, numbers: range, name: str) -> None:
    events = [one for number in numbers for one in whole_attempt(number)]
    write_segment(folder.spool, lines(events, name), f"host-boot-{name}.seg")


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as a killed hub leaves it, with backups beside it: rows in all levels, a log, spool and archive."""
    root = tmp_path_factory.mktemp("drill")
    folder, settings = Folder(root / "home"), Settings(backup_to=root / "backups")
    record(folder, range(1, 200), "a")
    with closing(open_ledger(folder, settings)) as ledger, closing(open_control(folder, settings, ledger)) as control:
        keep(control, folder.spool, Budget(name="one", amount_usd=Decimal(1)), reason=None, replace=False)
        ingest_once(ledger, folder, now_us=LATER_US)
        publish_all(ledger)
        keep_copy(folder)
        take_backup(folder, root / "backups", now_us=LATER_US)
        keep(control, folder.spool, Budget(name="two", amount_usd=Decimal(2)), reason=None, replace=False)
        record(folder, range(200, 260), "b")
    subprocess.run([sys.executable, "-c", KILLED, str(folder.root), str(LATER_US)], check=True)
    assert folder.ledger.with_name("scalix.duckdb.wal").stat().st_size > 0
    record(folder, range(260, 290), "c")
    return root


@pytest.fixture(scope="module")
def expected(sound: Path, tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Any, ...]]:
    """All rows that were acknowledged, out of an undamaged copy."""
    root = tmp_path_factory.mktemp("undamaged") / "copy"
    shutil.copytree(sound, root)
    rows, _ = started(root)
    assert len(rows) == 289
    return rows


def started(root: Path) -> tuple[list[tuple[Any, ...]], list[str]]:
    """Start as a hub does, until it would serve; then its attempts and budgets."""
    folder, settings = Folder(root / "home"), Settings(backup_to=root / "backups")
    begun = time.process_time()
    with closing(open_ledger(folder, settings)) as ledger, closing(open_control(folder, settings, ledger)) as control:
        lake = Lake(ledger, folder.lake)
        lake.start()
        publish_tables(ledger, folder)
        publish_rollups(ledger, folder)
        write_views(folder)
        _take_in_all(ledger, folder)
        assert time.process_time() - begun < SERVING_S
        return everything(ledger), [budget.name for budget in all_budgets(control)]


def _take_in_all(ledger: Ledger, folder: Folder) -> None:
    while ingest_once(ledger, folder, now_us=LATER_US).lines:
        pass


def flipped(path: Path, chance: random.Random) -> None:
    content = bytearray(path.read_bytes())
    for _ in range(chance.choice([1, 1, 3, 50])):
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    path.write_bytes(content)


def cut(path: Path, chance: random.Random) -> None:
    os.truncate(path, chance.randrange(path.stat().st_size))


def zeroed(path: Path, chance: random.Random) -> None:
    size = path.stat().st_size
    start = chance.randrange(size)
    length = min(size - start, chance.choice([512, 4096, size]))
    content = path.read_bytes()
    path.write_bytes(content[:start] + b"\0" * length + content[start + length :])


def garbage(path: Path, chance: random.Random) -> None:
    path.write_bytes(chance.randbytes(path.stat().st_size))


def missing(path: Path, _: random.Random) -> None:
    path.unlink()


def folder_instead(path: Path, _: random.Random) -> None:
    path.unlink()
    path.mkdir()


MANNERS: list[Callable[[Path, random.Random], None]] = [flipped, cut, zeroed, garbage, missing, folder_instead]


def files_of(folder: Folder) -> list[Path]:
    """Everything that can be hit, but for segments newer than the backup: with them and the ledger gone, rows are."""
    lake = sorted(path for path in folder.lake.rglob("*") if path.is_file() and path.stat().st_size)
    stores = [folder.ledger, folder.ledger.with_name("scalix.duckdb.wal"), folder.control]
    return [*stores * 4, *lake, *sorted(folder.archive.glob("*-a.seg.*")), copy_of(folder)]


@pytest.mark.soak
@pytest.mark.timeout(max(180, 5 * DAMAGES))
@pytest.mark.parametrize("number", range(DAMAGES))
def test_whatever_is_damaged_nothing_acknowledged_is_missing(
    sound: Path, expected: list[tuple[Any, ...]], number: int, tmp_path: Path
) -> None:
    chance = random.Random(number)
    root = tmp_path / "copy"
    shutil.copytree(sound, root, copy_function=shutil.copy2)
    folder = Folder(root / "home")
    before = {path.name for path in folder.root.iterdir()}
    hit = chance.sample(files_of(folder), chance.choice([1, 1, 1, 2]))
    manners = [chance.choice(MANNERS) for _ in hit]
    for path, manner in zip(dict.fromkeys(hit), manners, strict=False):
        manner(path, chance)

    rows, budgets = started(root)

    told = {path.name for path in folder.root.iterdir() if ".damaged-" in path.name}
    assert {name.split(".damaged-")[0] for name in told} <= before | {"control.sqlite"}
    if rows != expected:
        # Both copies of some rows were hit at once; that is what backups are for.
        assert len(set(hit)) == 2
        restore_backup(root / "backups", folder, now_us=LATER_US)
        rows, budgets = started(root)
    assert rows == expected
    assert budgets == ["one", "two"]


@pytest.mark.parametrize("manner", [cut, garbage, missing, folder_instead])
def test_a_damaged_control_store_is_named_and_put_back(
    sound: Path, tmp_path: Path, manner: Callable[[Path, random.Random], None]
) -> None:
    root = tmp_path / "copy"
    shutil.copytree(sound, root)
    folder = Folder(root / "home")
    manner(folder.control, random.Random(1))

    _, budgets = started(root)

    assert budgets == ["one", "two"]
    aside = [path for path in folder.root.iterdir() if path.name.startswith("control.sqlite.damaged-")]
    assert len(aside) == (0 if manner is missing else 1)


def test_without_a_copy_the_newest_backup_takes_its_place(sound: Path, tmp_path: Path) -> None:
    root = tmp_path / "copy"
    shutil.copytree(sound, root)
    folder = Folder(root / "home")
    copy_of(folder).write_bytes(b"no SQLite")
    folder.control.write_bytes(b"no SQLite either")

    _, budgets = started(root)

    assert budgets == ["one", "two"]
    with closing(ControlStore.in_folder(folder)) as control:
        assert len(all_budgets(control)) == 2
