"""A slot of a job has one owner, whoever asks at the same time."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from scalix.folder import Folder
from scalix.store.control import LEASE_S, ControlStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SLOT_US = 1_795_382_400_000_000


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "home")


@pytest.fixture
def store(folder: Folder) -> Iterator[ControlStore]:
    opened = ControlStore.in_folder(folder)
    yield opened
    opened.close()


def test_the_file_is_private_and_durable(store: ControlStore, folder: Folder) -> None:
    assert folder.control.stat().st_mode & 0o777 == 0o600
    with store._engine.connect() as connection:
        modes = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")]
    assert modes == ["wal", 2]


def test_a_slot_is_claimed_once(store: ControlStore) -> None:
    assert store.claim("rollup", SLOT_US, owner="one", now_us=SLOT_US)
    assert store.claim("rollup", SLOT_US, owner="one", now_us=SLOT_US)
    assert not store.claim("rollup", SLOT_US, owner="two", now_us=SLOT_US)
    assert store.claim("rollup", SLOT_US + 1, owner="two", now_us=SLOT_US)
    assert store.claim("lake", SLOT_US, owner="two", now_us=SLOT_US)


def test_an_abandoned_claim_can_be_taken_over(store: ControlStore) -> None:
    assert store.claim("rollup", SLOT_US, owner="one", now_us=SLOT_US)
    assert store.claim("rollup", SLOT_US, owner="two", now_us=SLOT_US + (LEASE_S + 1) * 1_000_000)


def test_of_many_claims_at_once_one_wins(folder: Folder, store: ControlStore) -> None:
    won: list[str] = []
    others = [ControlStore.in_folder(folder) for _ in range(8)]

    def claim(other: ControlStore, owner: str) -> None:
        if other.claim("rollup", SLOT_US, owner=owner, now_us=SLOT_US):
            won.append(owner)

    threads = [threading.Thread(target=claim, args=(other, f"hub-{n}")) for n, other in enumerate([store, *others])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for other in others:
        other.close()

    assert len(won) == 1
