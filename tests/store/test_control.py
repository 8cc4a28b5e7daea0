"""A slot of a job has one owner, whoever asks at the same time."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from scalix.store.control import LEASE_S, ControlStore

if TYPE_CHECKING:
    from scalix.folder import Folder

SLOT_US = 1_795_382_400_000_000


def test_the_file_is_private_and_durable(control: ControlStore, folder: Folder) -> None:
    assert folder.control.stat().st_mode & 0o777 == 0o600
    with control._engine.connect() as connection:
        modes = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")]
    assert modes == ["wal", 2]


def test_a_slot_is_claimed_once(control: ControlStore) -> None:
    assert control.claim("rollup", SLOT_US, owner="one", now_us=SLOT_US)
    assert control.claim("rollup", SLOT_US, owner="one", now_us=SLOT_US)
    assert not control.claim("rollup", SLOT_US, owner="two", now_us=SLOT_US)
    assert control.claim("rollup", SLOT_US + 1, owner="two", now_us=SLOT_US)
    assert control.claim("lake", SLOT_US, owner="two", now_us=SLOT_US)


def test_an_abandoned_claim_can_be_taken_over(control: ControlStore) -> None:
    assert control.claim("rollup", SLOT_US, owner="one", now_us=SLOT_US)
    assert control.claim("rollup", SLOT_US, owner="two", now_us=SLOT_US + (LEASE_S + 1) * 1_000_000)


def test_of_many_claims_at_once_one_wins(folder: Folder, control: ControlStore) -> None:
    won: list[str] = []
    others = [ControlStore.in_folder(folder) for _ in range(8)]

    def claim(other: ControlStore, owner: str) -> None:
        if other.claim("rollup", SLOT_US, owner=owner, now_us=SLOT_US):
            won.append(owner)

    threads = [threading.Thread(target=claim, args=(other, f"hub-{n}")) for n, other in enumerate([control, *others])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for other in others:
        other.close()

    assert len(won) == 1
