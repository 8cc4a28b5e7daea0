"""Keys are shown once, told apart in constant time, and gone at once when blocked; budgets hold before the call."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scalix.errors import SettingsError, StoreError
from scalix.folder import Folder
from scalix.gateway import keys, spending
from scalix.gateway.spending import Refusal
from scalix.store.control import ControlStore
from scalix.times import now_us

if TYPE_CHECKING:
    from collections.abc import Iterator

PUSD = 10**12


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "home")


@pytest.fixture
def control(folder: Folder) -> Iterator[ControlStore]:
    opened = ControlStore.in_folder(folder)
    yield opened
    opened.close()


@pytest.fixture
def pepper(folder: Folder) -> bytes:
    folder.root.mkdir(exist_ok=True)
    return keys.pepper_of(folder)


def prefix_of(key: str) -> str:
    return key.removeprefix(keys.START).partition("-")[0]


def test_a_key_is_known_until_it_is_blocked_or_expires(control: ControlStore, pepper: bytes) -> None:
    key = keys.mint(control, pepper, alias="app", user_id="ada", team="search", models=("chat",))
    found = keys.known(control, pepper, key)
    assert found is not None
    assert (found.alias, found.user_id, found.team, found.may_call("chat"), found.may_call("other")) == (
        "app",
        "ada",
        "search",
        True,
        False,
    )
    keys.block(control, found.prefix)
    assert keys.known(control, pepper, key) is None
    keys.block(control, found.prefix, blocked=False)
    assert keys.known(control, pepper, key) is not None
    assert keys.known(control, pepper, keys.mint(control, pepper, expires_us=now_us() - 1)) is None


def test_wrong_keys_are_nobody(control: ControlStore, pepper: bytes) -> None:
    key = keys.mint(control, pepper)
    for wrong in ("", "sk-scalix-", key[:-1], key + "x", key.upper(), "sk-other", prefix_of(key), "sk-scalix-a-b"):
        assert keys.known(control, pepper, wrong) is None
    assert keys.known(control, os.urandom(32), key) is None
    with pytest.raises(SettingsError, match="no key nobody"):
        keys.block(control, "nobody")


def test_the_key_itself_is_found_in_no_file(folder: Folder, control: ControlStore, pepper: bytes) -> None:
    secret = keys.mint(control, pepper).removeprefix(keys.START).partition("-")[2].encode()
    assert len(secret) > 40, "256 bits in base64, which may have dashes of its own"
    control.close()
    assert not any(secret in path.read_bytes() for path in folder.root.rglob("*") if path.is_file())
    assert (folder.root / "pepper").stat().st_mode & 0o777 == 0o600


def test_a_damaged_pepper_is_named(folder: Folder, pepper: bytes) -> None:
    assert keys.pepper_of(folder) == pepper
    (folder.root / "pepper").write_bytes(b"short")
    with pytest.raises(StoreError, match="restore it"):
        keys.pepper_of(folder)


def test_a_budget_is_reserved_settled_and_released(control: ControlStore, pepper: bytes) -> None:
    prefix = prefix_of(keys.mint(control, pepper, budget_usd=Decimal(1)))
    first = spending.reserve(control, prefix, 7 * PUSD // 10)
    assert isinstance(first, str)
    refused = spending.reserve(control, prefix, 4 * PUSD // 10)
    assert refused == Refusal(Decimal(0), Decimal("0.7"), Decimal(1))
    spending.settle(control, first, PUSD // 10)
    spending.settle(control, first, PUSD // 10)
    second = spending.reserve(control, prefix, 9 * PUSD // 10)
    assert isinstance(second, str), "exactly what is left"
    spending.release(control, second)
    third = spending.reserve(control, prefix, PUSD // 10)
    assert isinstance(third, str)
    spending.settle(control, third, None)
    key = keys.one(control, prefix)
    assert key is not None
    assert (key.spent_usd, key.reserved_usd) == (Decimal("0.2"), Decimal(0))


def test_a_call_whose_end_nobody_saw_counts_as_spent(
    control: ControlStore, pepper: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    prefix = prefix_of(keys.mint(control, pepper, budget_usd=Decimal(1)))
    spending.reserve(control, prefix, PUSD)
    monkeypatch.setattr(spending, "LONGEST_CALL_S", -1)
    assert isinstance(spending.reserve(control, prefix, 1), Refusal)
    key = keys.one(control, prefix)
    assert key is not None
    assert (key.spent_usd, key.reserved_usd) == (Decimal(1), Decimal(0))


def test_callers_at_the_same_time_never_spend_more_than_there_is(control: ControlStore, pepper: bytes) -> None:
    prefix = prefix_of(keys.mint(control, pepper, budget_usd=Decimal(1)))
    outcomes: list[str | Refusal] = []

    def call() -> None:
        outcomes.append(spending.reserve(control, prefix, PUSD // 10))

    threads = [threading.Thread(target=call) for _ in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(isinstance(outcome, str) for outcome in outcomes) == 10


SPENDER = """
import sys
from pathlib import Path
from scalix.folder import Folder
from scalix.gateway import spending
from scalix.store.control import ControlStore
control = ControlStore.in_folder(Folder(Path(sys.argv[1])))
for _ in range(40):
    held = spending.reserve(control, sys.argv[2], 10**10)
    if isinstance(held, str):
        spending.settle(control, held, 10**10)
"""


def test_processes_at_the_same_time_neither(folder: Folder, control: ControlStore, pepper: bytes) -> None:
    prefix = prefix_of(keys.mint(control, pepper, budget_usd=Decimal(1)))
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-c", SPENDER, str(folder.root), prefix]
    running = [subprocess.Popen(command, env=environment) for _ in range(4)]
    assert [process.wait(60) for process in running] == [0] * 4
    key = keys.one(control, prefix)
    assert key is not None
    assert (key.spent_usd, key.reserved_usd) == (Decimal(1), Decimal(0))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(1, 400), st.sampled_from(["settle", "release", "lost", "twice"])), max_size=25))
def test_any_history_of_calls_keeps_the_budget(
    control: ControlStore, pepper: bytes, calls: list[tuple[int, str]]
) -> None:
    prefix = prefix_of(keys.mint(control, pepper, budget_usd=Decimal("0.000000001")))
    spent = held = 0
    for amount, end in calls:
        reservation = spending.reserve(control, prefix, amount)
        assert isinstance(reservation, str) == (spent + held + amount <= 1000)
        if not isinstance(reservation, str):
            continue
        if end == "lost":
            held += amount
        elif end == "release":
            spending.release(control, reservation)
        else:
            for _ in range(2 if end == "twice" else 1):
                spending.settle(control, reservation, amount // 2)
            spent += amount // 2
    key = keys.one(control, prefix)
    assert key is not None
    assert (key.spent_usd * PUSD, key.reserved_usd * PUSD) == (Decimal(spent), Decimal(held))
