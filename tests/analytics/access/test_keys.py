"""Keys are shown once, told apart in constant time, gone at once when blocked, and keep their name when rotated."""

from __future__ import annotations

import os
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
import time_machine

from analytics.access import changes, issuing, keys, people, shared_limits
from analytics.access.limits import Limits
from analytics.access.pepper import START, pepper_of, prefix_of
from scalix.errors import SettingsError, StoreError
from scalix.store.control import ControlStore
from scalix.times import from_us, now_us

if TYPE_CHECKING:
    from scalix.folder import Folder


def test_a_key_is_known_until_it_is_blocked_or_expires(control: ControlStore, pepper: bytes) -> None:
    limits = Limits(models=("chat",))
    key, identifier = issuing.mint(
        control, pepper, by="test", alias="app", user_id="ada", team_id="search", tags=["a"], limits=limits
    )
    found = keys.known(control, pepper, key)
    assert found is not None
    assert (found.key.name, found.key.user_id, found.key.team_id, found.key.tags) == ("app", "ada", "search", ("a",))
    assert {account.kind for account in found.accounts} == {"key", "user", "team"}
    assert (found.may_call("chat"), found.may_call("other")) == (True, False)
    issuing.block(control, identifier, by="test")
    assert keys.known(control, pepper, key) is None
    issuing.block(control, "app", by="test", blocked=False)
    assert keys.known(control, pepper, key) is not None
    issuing.change(control, "app", by="test", expires_us=now_us() - 1)
    assert keys.known(control, pepper, key) is None
    actions = [change["action"] for change in changes.latest(control, 10, ("key", identifier))]
    assert actions == ["changed", "unblocked", "blocked", "created"]


@pytest.mark.parametrize("kind", ["user", "team"])
def test_whoever_is_blocked_has_no_key_that_works(control: ControlStore, pepper: bytes, kind: Any) -> None:
    key, _ = issuing.mint(control, pepper, by="test", user_id="ada", team_id="search")
    name = (kind, "ada" if kind == "user" else "search")
    people.block(control, name, by="test")
    assert keys.known(control, pepper, key) is None
    people.block(control, name, by="test", blocked=False)
    assert keys.known(control, pepper, key) is not None


def test_what_a_team_may_not_call_its_keys_may_not(control: ControlStore, pepper: bytes) -> None:
    people.add(control, ("team", "search"), by="test", limits=Limits(models=("chat",)))
    key, _ = issuing.mint(control, pepper, by="test", team_id="search", limits=Limits(models=("chat", "dear")))
    found = keys.known(control, pepper, key)
    assert found is not None
    assert (found.may_call("chat"), found.may_call("dear")) == (True, False)


def test_wrong_keys_are_nobody(control: ControlStore, pepper: bytes) -> None:
    key, _ = issuing.mint(control, pepper, by="test")
    wrong = ("", START, key[:-1], key + "x", key.upper(), "sk-other", prefix_of(key), "sk-scalix-a-b", "\ud800", "é")
    for one in (*wrong, key.replace(START, ""), "' OR 1=1 --", f"{START}' OR 1=1 ---x", "x" * 10_000):
        assert keys.known(control, pepper, one) is None
    assert keys.known(control, os.urandom(32), key) is None
    with pytest.raises(SettingsError, match="no key nobody"):
        issuing.block(control, "nobody", by="test")


def test_a_rotated_key_keeps_its_name_and_the_old_one_works_for_the_overlap(
    control: ControlStore, pepper: bytes
) -> None:
    old, identifier = issuing.mint(control, pepper, by="test", alias="app")
    new, key = issuing.rotate(control, pepper, "app", by="test", overlap_s=3600)
    assert key.id == identifier
    both = [keys.known(control, pepper, one) for one in (old, new)]
    assert [caller and caller.key.id for caller in both] == [identifier, identifier]
    with time_machine.travel(from_us(now_us() + 3_601_000_000), tick=False):
        assert keys.known(control, pepper, old) is None
        assert keys.known(control, pepper, new) is not None
    newest, _ = issuing.rotate(control, pepper, identifier, by="test")
    assert [bool(keys.known(control, pepper, one)) for one in (old, new, newest)] == [False, False, True]


def test_limits_under_a_name_hold_where_a_key_has_none_of_its_own(control: ControlStore, pepper: bytes) -> None:
    shared_limits.keep(control, "free", Limits(budget_pusd=10**12, parallel=2), by="test", replace=False)
    _, identifier = issuing.mint(control, pepper, by="test", budget_id="free", limits=Limits(parallel=5))
    limits = keys.named(control, identifier).account.limits
    assert (limits.budget_usd, limits.parallel) == (Decimal(1), 5)
    shared_limits.keep(control, "free", Limits(budget_pusd=2 * 10**12), by="test", replace=True)
    assert keys.named(control, identifier).account.limits.budget_usd == Decimal(2)
    with pytest.raises(SettingsError, match="in use"):
        shared_limits.remove(control, "free", by="test")
    with pytest.raises(SettingsError, match="no budget gone"):
        issuing.change(control, identifier, by="test", budget_id="gone")


@pytest.mark.parametrize(
    "limits",
    [
        Limits(budget_pusd=0),
        Limits(budget_pusd=-1),
        Limits(budget_pusd=10**30),
        Limits(window="sometimes"),
        Limits(window="0d"),
        Limits(degrade_percent=101),
        Limits(parallel=-1),
    ],
)
def test_what_is_no_limit_is_refused(control: ControlStore, pepper: bytes, limits: Limits) -> None:
    with pytest.raises(SettingsError):
        issuing.mint(control, pepper, by="test", limits=limits)
    assert keys.count(control) == 0


def test_an_alias_names_one_key(control: ControlStore, pepper: bytes) -> None:
    issuing.mint(control, pepper, by="test", alias="app")
    with pytest.raises(SettingsError, match="app already"):
        issuing.mint(control, pepper, by="test", alias="app")
    _, other = issuing.mint(control, pepper, by="test", alias="other")
    with pytest.raises(SettingsError, match="app already"):
        issuing.change(control, other, by="test", alias="app")


def test_teams_have_members_with_roles(control: ControlStore, pepper: bytes) -> None:
    people.add(control, ("team", "search"), by="test")
    people.join(control, "search", [("ada", "admin"), ("bob", "user")], by="test")
    assert people.members_of(control, "search") == [("ada", "admin"), ("bob", "user")]
    assert people.teams_of(control, "ada", "admin") == ["search"]
    assert people.teams_of(control, "bob", "admin") == []
    people.leave(control, "search", "bob", by="test")
    assert people.teams_of(control, "bob") == []
    for mistake in ("nobody", "bob"):
        with pytest.raises(SettingsError, match="does not belong"):
            people.leave(control, "search", mistake, by="test")
    issuing.mint(control, pepper, by="test", team_id="search")
    with pytest.raises(SettingsError, match="has keys"):
        people.remove(control, ("team", "search"), by="test")


def test_the_key_itself_is_found_in_no_file(folder: Folder, pepper: bytes) -> None:
    control = ControlStore.in_folder(folder)
    secret = issuing.mint(control, pepper, by="test")[0].removeprefix(START).partition("-")[2].encode()
    assert len(secret) > 40, "256 bits in base64, which may have dashes of its own"
    control.close()
    files = [path for path in folder.root.rglob("*") if path.is_file()]
    assert not any(secret in path.read_bytes() for path in files)
    assert {(path.name, path.stat().st_mode & 0o777) for path in files} == {
        ("pepper", 0o600),
        ("control.sqlite", 0o600),
    }


def test_a_damaged_pepper_is_named(folder: Folder, pepper: bytes) -> None:
    assert pepper_of(folder) == pepper
    (folder.root / "pepper").write_bytes(b"short")
    with pytest.raises(StoreError, match="restore it"):
        pepper_of(folder)


def test_a_control_store_is_named_by_its_url_and_its_password_by_nobody(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCALIX_CONTROL_URL", "postgresql+psycopg://root:geheim@127.0.0.1:1/none")
    with pytest.raises(StoreError) as refused:
        ControlStore.in_folder(folder)
    assert "127.0.0.1" in str(refused.value)
    assert "geheim" not in str(refused.value)


@pytest.mark.postgres
def test_the_store_of_a_folder_can_be_postgres(folder: Folder, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCALIX_CONTROL_URL", database)
    opened = ControlStore.in_folder(folder)
    assert opened.claim("job", 1, owner="a", now_us=1)
    assert not opened.claim("job", 1, owner="b", now_us=1)
    opened.close()
    assert not folder.control.exists()
