"""Which role a password, a session or an address gives, and that none can be made up."""

from __future__ import annotations

from functools import partial

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from dashboard.host import Host
from dashboard.roles import NEEDED, Role
from scalix.errors import SettingsError
from scalix.hub.roles import passwords, role_of
from scalix.hub.server import refuse_unprotected
from scalix.hub.sessions import COOKIE, FAILURES_PER_MINUTE, SESSION_S, Sessions
from scalix.settings import Settings

SETTINGS = Settings(
    password=SecretStr("a"),
    operator_password=SecretStr("o"),
    viewer_password=SecretStr("v"),
    admins="Ada@example.com, eve@example.com",
    operators="bob@example.com",
)


@pytest.mark.parametrize(
    ("password", "role"), [("a", Role.ADMIN), ("o", Role.OPERATOR), ("v", Role.VIEWER), ("x", None)]
)
def test_each_password_opens_its_role(password: str, role: Role | None) -> None:
    sessions = Sessions(passwords(SETTINGS))
    assert sessions.check(password) == role
    assert sessions.role({}, f"Bearer {password}") == role


def test_a_session_keeps_its_role_until_it_ends_and_belongs_to_this_run() -> None:
    sessions = Sessions(passwords(SETTINGS))
    with time_machine.travel(1_700_000_000, tick=False) as clock:
        cookie = sessions.begin(Role.OPERATOR)
        assert sessions.role({COOKIE: cookie}, "") == Role.OPERATOR
        assert Sessions(passwords(SETTINGS)).role({COOKIE: cookie}, "") is None
        clock.shift(SESSION_S + 1)
        assert sessions.role({COOKIE: cookie}, "") is None


@given(st.one_of(st.text(max_size=40), st.builds("{}.{}.{}".format, st.integers(), st.integers(), st.text(max_size=9))))
def test_no_made_up_cookie_opens_anything(cookie: str) -> None:
    assert Sessions(passwords(SETTINGS)).role({COOKIE: cookie}, "") is None


def test_a_session_cannot_be_promoted() -> None:
    sessions = Sessions(passwords(SETTINGS))
    viewer = sessions.begin(Role.VIEWER)
    assert sessions.role({COOKIE: f"{Role.ADMIN.value}{viewer[1:]}"}, "") is None


def test_after_many_failures_not_even_the_password_opens() -> None:
    sessions = Sessions(passwords(SETTINGS))
    for _ in range(FAILURES_PER_MINUTE):
        assert sessions.check("wrong") is None
    assert sessions.check("a") is None


@pytest.mark.parametrize(
    ("address", "viewers", "role"),
    [
        ("ada@EXAMPLE.com", "", Role.ADMIN),
        ("bob@example.com", "", Role.OPERATOR),
        ("somebody@example.com", "", Role.VIEWER),
        ("somebody@example.com", "carl@example.com", None),
        ("carl@example.com", "carl@example.com", Role.VIEWER),
        ("", "carl@example.com", None),
    ],
)
def test_an_address_has_the_role_it_is_listed_with(address: str, viewers: str, role: Role | None) -> None:
    assert role_of(address, SETTINGS.model_copy(update={"viewers": viewers})) == role


def test_passwords_for_others_need_one_for_admins() -> None:
    with pytest.raises(SettingsError, match="SCALIX_PASSWORD"):
        refuse_unprotected(Settings(viewer_password=SecretStr("v")))


def test_nobody_may_do_what_needs_more_than_their_role() -> None:
    may = {role: {what for what in NEEDED if Host(role=partial(Role, role)).may(what)} for role in Role}
    assert may[Role.VIEWER] == {"see"}
    assert may[Role.OPERATOR] == {"see", "block", "rotate"}
    assert may[Role.ADMIN] == set(NEEDED)
    assert Host(role=lambda: None).may("see") is False
    assert Host().may("remove"), "where nobody is asked to sign in"
