"""The Keys and Setup pages: keys made, blocked and rotated by those who may, and the light that calls arrive."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
import streamlit as st

from analytics import reading
from analytics.access import address, changes, issuing, keys, people, spending
from analytics.access.address import GatewayAddress
from analytics.access.clock import Clock
from analytics.access.limits import Limits
from analytics.access.pepper import START, pepper_of
from analytics.access.spending import Call, Offer
from dashboard import host
from dashboard.roles import Role
from scalix.store.control import ControlStore
from scalix.times import now_us

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from streamlit.testing.v1 import AppTest

    from scalix.store.ledger import Ledger

USD = 10**12
NASTY = "<img src=x onerror=alert(1)>"


@pytest.fixture
def control(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> Iterator[ControlStore]:
    monkeypatch.setenv("SCALIX_HOME", str(ledger.folder.root))
    opened = ControlStore.in_folder(ledger.folder)
    reading.read_from(ledger, lambda: 0, opened)
    yield opened
    opened.close()


def make(control: ControlStore, ledger: Ledger, **options: object) -> str:
    _, identifier = issuing.mint(control, pepper_of(ledger.folder), by="test", **options)  # type: ignore[arg-type]  # options of mint
    return identifier


@pytest.mark.usefixtures("control")
def test_without_keys_the_page_says_how_to_begin(visit_page: Callable[..., AppTest]) -> None:
    page = visit_page("keys")
    assert not page.exception
    assert [alert.proto.title for alert in page.info] == ["No keys yet"]
    assert "scalix key create" in page.code[0].value


@pytest.mark.usefixtures("ledger")
def test_without_a_control_store_the_page_says_so(visit_page: Callable[..., AppTest]) -> None:
    page = visit_page("keys")
    assert not page.exception
    assert [alert.proto.title for alert in page.error] == ["The stores are not available"]


def test_what_keys_and_teams_spent_is_shown(
    ledger: Ledger, control: ControlStore, visit_page: Callable[..., AppTest]
) -> None:
    people.add(control, ("team", "search"), by="test", limits=Limits(budget_pusd=4 * USD))
    key = make(
        control, ledger, alias=NASTY, team_id="search", limits=Limits(budget_pusd=2 * USD, window="month", parallel=3)
    )
    with control.transaction() as connection:
        call = Call("c", (("key", key), ("team", "search")), (Offer(USD),), "curl")
        spending.reserve(connection, Clock(), "me", call)
        spending.settle(connection, "c", USD, now_us=now_us())
    issuing.block(control, key, by="ada")

    page = visit_page("keys")

    assert not page.exception
    shown, accounts, history = (frame.value for frame in page.dataframe)
    row = shown.iloc[0]
    assert (row["state"], row["spent"], row["budget"], row["share"]) == ("blocked", 1.0, 2.0, 0.5)
    assert (row["client"], row["limits"], row["team"]) == ("curl", "3 at once", "search")
    assert accounts["share"].tolist() == [0.25]
    assert history["action"].tolist() == ["blocked", "created", "created"]
    assert history["changed_by"].tolist()[0] == "ada"


def test_an_admin_makes_a_key_and_sees_it_once(control: ControlStore, visit_page: Callable[..., AppTest]) -> None:
    page = visit_page("keys")
    labelled = {field.label: field for field in (*page.text_input, *page.number_input)}
    labelled["Name"].set_value("app")
    labelled["Models"].set_value("chat, other")
    labelled["Budget in dollars"].set_value(2.5)
    next(button for button in page.button if button.label == "Make it").click()
    page.run()
    assert not page.exception
    made = page.code[0].value
    assert made.startswith(START)
    key = keys.named(control, made)
    assert (key.name, key.account.limits.budget_usd, key.account.limits.models) == (
        "app",
        Decimal("2.5"),
        ("chat", "other"),
    )
    next(button for button in page.button if button.label == "I have it").click()
    page.run()
    assert made not in str([code.value for code in page.code])


def test_a_key_that_cannot_be_is_refused_in_place(
    ledger: Ledger, control: ControlStore, visit_page: Callable[..., AppTest]
) -> None:
    make(control, ledger, alias="app")
    page = visit_page("keys")
    {field.label: field for field in page.text_input}["Name"].set_value("app")
    next(button for button in page.button if button.label == "Make it").click()
    page.run()
    assert [error.value for error in page.error] == ["there is a key app already"]
    assert keys.count(control) == 1


@pytest.mark.parametrize(
    ("role", "offered"),
    [
        (Role.VIEWER, set[str]()),
        (Role.OPERATOR, {"Block", "Make a new one"}),
        (Role.ADMIN, {"Block", "Make a new one", "Remove it for good", "Make it"}),
    ],
)
def test_everybody_is_offered_what_they_may_do(
    ledger: Ledger, control: ControlStore, visit_page: Callable[..., AppTest], role: Role, offered: set[str]
) -> None:
    key = make(control, ledger, alias="app")
    host.serve_for(host.Host(role=lambda: role))
    page = visit_page("keys")
    page.session_state["keys"] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    page.run()
    buttons = {button.label: button for button in page.button}
    assert buttons.keys() == offered
    if "Block" in offered:
        buttons["Block"].click()
        page.run()
        assert keys.named(control, key).account.blocked
        newest = changes.latest(control, 1)[0]
        assert (newest["action"], newest["changed_by"]) == ("blocked", "dashboard")


def test_the_light_turns_green_with_the_first_call(
    ledger: Ledger, control: ControlStore, visit_page: Callable[..., AppTest]
) -> None:
    page = visit_page("setup")
    assert [alert.proto.title for alert in page.warning] == ["No gateway runs in this folder"]
    address.write(ledger.folder, GatewayAddress("http://127.0.0.1:4711", 2, now_us()))
    key = make(control, ledger, alias="app")
    st.cache_data.clear()
    page.run()
    assert "4711" in page.text[0].value
    assert [alert.proto.title for alert in page.info] == ["No call seen yet"]
    assert all("http://127.0.0.1:4711" in code.value for code in page.code)
    with control.transaction() as connection:
        call = Call("c", (("key", key),), (Offer(0),), "OpenAI SDK")
        spending.reserve(connection, Clock(), "me", call)
    page.run()
    assert [alert.proto.title for alert in page.success] == ["First call seen"]
    assert "from OpenAI SDK" in page.success[0].value
