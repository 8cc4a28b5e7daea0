"""The Budgets page: how budgets stand and what lies ahead, changing them, and trying one out; and how to begin."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from analytics import reading
from analytics.alerts import channels
from analytics.budgets import shelf
from analytics.budgets.definitions import Budget
from analytics.rollups.refresh import refresh_rollups
from scalix.store.control import ControlStore
from scalix.times import now
from tests.attempt_rows import Attempt, record
from tests.spool_files import take_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from streamlit.testing.v1 import AppTest

    from scalix.store.ledger import Ledger


@pytest.fixture
def control(ledger: Ledger) -> Iterator[ControlStore]:
    opened = ControlStore.in_folder(ledger.folder)
    reading.read_from(ledger, lambda: 0, opened)
    yield opened
    opened.close()


def add(ledger: Ledger, control: ControlStore, **fields: object) -> None:
    budget = Budget(**{"name": "all", "amount_usd": Decimal(1), **fields})  # type: ignore[arg-type]  # by name
    shelf.keep(control, ledger.folder.spool, budget, reason=None, replace=False)


@pytest.mark.usefixtures("control")
def test_without_budgets_the_page_says_how_to_begin(visit_page: Callable[..., AppTest]) -> None:
    page = visit_page("budgets")
    assert not page.exception
    assert [alert.proto.title for alert in page.info] == ["No budgets yet"]


@pytest.mark.usefixtures("ledger")
def test_without_a_control_store_the_page_says_so(visit_page: Callable[..., AppTest]) -> None:
    page = visit_page("budgets")
    assert not page.exception
    assert [alert.proto.title for alert in page.error] == ["The stores are not available"]


def test_what_is_spent_and_what_nobody_knows_is_shown(
    ledger: Ledger, control: ControlStore, visit_page: Callable[..., AppTest]
) -> None:
    add(ledger, control)
    record(ledger, [Attempt(now(), litellm_cost_usd=Decimal("0.9")), Attempt(now(), litellm_cost_usd=None)])
    page = visit_page("budgets")
    assert not page.exception
    (budgets,) = (frame.value for frame in page.dataframe)
    assert budgets["spent"].tolist() == [0.9]
    assert budgets["crossed"].tolist() == ["50 % warn, 80 % warn"]
    assert "Calls of unknown cost in the window of all: 1." in page.warning[0].value
    assert "Nothing is foretold" in str([one.value for one in page.caption])


def test_with_some_weeks_behind_it_a_budget_is_foretold_and_past_forecasts_judged(
    ledger: Ledger, control: ControlStore, visit_page: Callable[..., AppTest]
) -> None:
    add(ledger, control, window="day", amount_usd=Decimal(3))
    hours = [now() - timedelta(hours=hour) for hour in range(14 * 24)]
    record(ledger, [Attempt(at, litellm_cost_usd=Decimal("0.1")) for at in hours])
    refresh_rollups(ledger, now_us=0)
    page = visit_page("budgets")
    assert not page.exception
    metrics = {metric.label: metric.value for metric in page.metric}
    assert {"Spent", "Left", "At its end", "Runs out", "Burn rate, 1h", "Burn rate, 6h"} <= set(metrics)
    said = str([one.value for one in page.caption])
    assert "outcomes lay in the 90 % interval" in said


def test_a_budget_that_is_spent_does_not_run_out_anymore(
    ledger: Ledger, control: ControlStore, visit_page: Callable[..., AppTest]
) -> None:
    add(ledger, control, window="day", amount_usd=Decimal(3))
    hours = [now() - timedelta(hours=hour) for hour in range(14 * 24)]
    record(ledger, [Attempt(at, litellm_cost_usd=Decimal(4)) for at in hours])
    refresh_rollups(ledger, now_us=0)
    page = visit_page("budgets")
    assert not page.exception
    metrics = {metric.label: metric.value for metric in page.metric}
    assert metrics["Ran out"] == "All spent"
    assert "Runs out" not in metrics


@pytest.mark.usefixtures("control")
def test_a_budget_is_added_changed_and_removed_on_the_page(ledger: Ledger, visit_page: Callable[..., AppTest]) -> None:
    page = visit_page("budgets")
    page.text_input(key="new_name").set_value("search")
    page.text_input(key="edit_amount").set_value("12.50")
    page.text_input(key="edit_scope").set_value("team=search")
    page.text_input(key="edit_at").set_value("80, 100=block")
    page.text_input(key="edit_tell").set_value("ops, nobody")
    page.text_input(key="edit_reason").set_value("a start")
    _press(page, "Save").run()
    (kept,) = shelf.all_budgets(reading.control_here())
    assert (kept.amount_usd, kept.scope, kept.channels) == (Decimal("12.50"), {"team": "search"}, ("ops", "nobody"))
    assert [(one.percent, one.action) for one in kept.thresholds] == [(80, "warn"), (100, "block")]

    page.selectbox(key="edited").set_value("search").run()
    assert page.text_input(key="edit_amount search").value == "12.50"
    _press(page, "Remove").run()
    assert shelf.all_budgets(reading.control_here()) == []
    take_in(ledger, now_us=2_000_000_000_000_000)
    page = visit_page("budgets")
    (changes,) = (frame.value for frame in page.dataframe)
    assert sorted(changes["reason"].fillna("").tolist()) == ["", "a start"]


def test_a_change_on_the_page_keeps_the_channels_and_one_that_is_none_is_warned_of(
    ledger: Ledger, control: ControlStore, visit_page: Callable[..., AppTest]
) -> None:
    channels.add(control, "ops", "https://example.com/hook")
    add(ledger, control, channels=("ops", "nobody"))
    page = visit_page("budgets")
    page.selectbox(key="edited").set_value("all").run()
    page.text_input(key="edit_amount all").set_value("3")
    _press(page, "Save").run()
    (kept,) = shelf.all_budgets(control)
    assert (kept.amount_usd, kept.channels) == (Decimal(3), ("ops", "nobody"))
    (warned,) = page.text
    assert warned.value.startswith("budget all tells nobody, which is no channel (there are: ops); ")

    page.text_input(key="edit_tell all").set_value("ops")
    _press(page, "Save").run()
    assert not page.text


@pytest.mark.usefixtures("control")
def test_what_is_no_budget_is_said_and_not_kept(visit_page: Callable[..., AppTest]) -> None:
    page = visit_page("budgets")
    page.text_input(key="new_name").set_value("x")
    page.text_input(key="edit_amount").set_value("much")
    _press(page, "Save").run()
    assert "much is no amount" in page.error[0].value
    assert shelf.all_budgets(reading.control_here()) == []


@pytest.mark.usefixtures("control")
def test_a_budget_is_tried_out_on_the_past(ledger: Ledger, visit_page: Callable[..., AppTest]) -> None:
    at = now() - timedelta(days=2)
    record(ledger, [Attempt(at + timedelta(minutes=n), litellm_cost_usd=Decimal(1), team_id="t") for n in range(20)])
    page = visit_page("budgets")
    page.text_input(key="simulate_amount").set_value("10")
    page.selectbox(key="simulate_window").set_value("7d")
    page.text_input(key="simulate_at").set_value("50, 100=block")
    _press(page, "Play").run()
    assert not page.exception
    metrics = {metric.label: metric.value for metric in page.metric}
    assert metrics["Calls blocked"] == "10"
    verdicts, blocked = (frame.value for frame in page.dataframe)
    assert verdicts["noise"].tolist() == [0, 0]
    assert blocked["team"].tolist() == ["t"]


def _press(page: AppTest, label: str) -> AppTest:
    button = next(one for one in page.button if one.label == label)
    button.click()
    return page
