"""The attack list against a reader: refused, nothing outside the lake read, nothing written, bombs defused in time."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from analytics.asking import desk
from scalix.folder import Folder
from scalix.store.readers.pool import Pool
from scalix.store.readers.reader import AskError
from scalix.store.readers.wire import Limits, Question
from tests import attacks
from tests.lakes import published

if TYPE_CHECKING:
    from collections.abc import Iterator


TIME_LIMIT_S = 2.0
KILLED_AFTER_S = 20.0
"""The limit, the grace time, and what a busy machine takes to start another reader."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    made = published(Folder(tmp_path_factory.mktemp("attacked")))
    outside = made.root / "outside"
    outside.mkdir()
    for name in ("secret.csv", "secret.json", "secret.parquet", "control.sqlite"):
        (outside / name).write_text(f'"{attacks.CANARY}"\n')
    (made.lake / "link").symlink_to(outside)
    return made


@pytest.fixture(scope="module")
def pool(folder: Folder) -> Iterator[Pool]:
    readers = Pool(folder.lake_views, readers=1)
    desk.ask_through(readers)
    yield readers
    desk.ask_through(None)
    readers.close()


@pytest.fixture(scope="module")
def hasty(folder: Folder) -> Iterator[Pool]:
    readers = Pool(folder.lake_views, readers=1, limits=Limits(memory_bytes=2**29, time_s=TIME_LIMIT_S))
    yield readers
    readers.close()


def spelled(sql: str, folder: Folder) -> str:
    return sql.format(
        outside=folder.root / "outside", lake=folder.lake, lake_file=folder.lake_views, ledger=folder.ledger
    )


def everything(folder: Folder) -> dict[str, str]:
    files = (path for path in sorted(folder.root.rglob("*")) if path.is_file())
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.mark.parametrize("attack", attacks.READING + attacks.CHANGING)
@pytest.mark.usefixtures("pool")
def test_an_attack_is_refused_and_leaves_no_trace(folder: Folder, attack: str) -> None:
    before = everything(folder)
    with pytest.raises(AskError) as refused:
        desk.ask(spelled(attack, folder))
    assert refused.value.sort in {"refused", "invalid"}
    assert attacks.CANARY not in str(refused.value)
    assert everything(folder) == before


@pytest.mark.parametrize("bomb", attacks.BOMBS)
def test_a_bomb_is_defused_within_its_limits(folder: Folder, hasty: Pool, bomb: str) -> None:
    before, started = everything(folder), time.monotonic()
    with pytest.raises(AskError) as stopped, hasty.ask(Question(bomb)) as answer:
        for _ in answer:
            pass
    assert stopped.value.sort in {"time", "memory", "large"}
    assert time.monotonic() - started < KILLED_AFTER_S
    assert everything(folder) == before


@pytest.mark.parametrize("question", attacks.HARMLESS)
@pytest.mark.usefixtures("pool")
def test_what_people_ask_is_answered(folder: Folder, question: str) -> None:
    assert desk.ask(spelled(question, folder)).frame.height > 0 or "prices_as_of" in question


def test_a_reader_has_no_environment_and_may_not_write(pool: Pool) -> None:
    desk.ask("SELECT 1")
    reader = pool.idle_readers()[0]
    limits = (Path("/proc") / str(reader.pid) / "limits").read_text()
    assert (Path("/proc") / str(reader.pid) / "environ").read_bytes() == b""
    assert "Max file size             0                    0" in limits
    assert "Max address space         unlimited" not in limits
