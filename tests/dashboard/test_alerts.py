"""The Alerts page: what fires and what was told, without secrets; replay, silences, and trying a rule out."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from analytics import reading
from analytics.alerts import channels, log, silences
from analytics.alerts.delivery import deliver_due
from analytics.alerts.engine import watch_budgets
from analytics.budgets import shelf
from analytics.budgets.definitions import Budget
from analytics.rollups.refresh import refresh_rollups
from scalix.store.control import ControlStore
from scalix.times import now, now_us
from tests.attempt_rows import Attempt, record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from streamlit.testing.v1 import AppTest

    from scalix.store.ledger import Ledger

SECRET_URL = "https://does-not-exist.invalid/services/T000/B000/secret"


@pytest.fixture
def control(ledger: Ledger) -> Iterator[ControlStore]:
    opened = ControlStore.in_folder(ledger.folder)
    reading.read_from(ledger, lambda: 0, opened)
    yield opened
    opened.close()


@pytest.fixture
def fired(ledger: Ledger, control: ControlStore) -> None:
    """A budget that has crossed two thresholds, told to a channel that does not exist."""
    channels.add(control, "ops", SECRET_URL)
    budget = Budget(name="all", amount_usd=Decimal(1))
    shelf.keep(control, ledger.folder.spool, budget, reason=None, replace=False)
    record(ledger, [Attempt(now(), litellm_cost_usd=Decimal("0.9"))])
    watch_budgets(control, ledger, now_us=now_us())
    deliver_due(control, allow_private=False)


@pytest.mark.usefixtures("control")
def test_without_alerts_the_page_says_how_to_begin(visit_page: Callable[..., AppTest]) -> None:
    page = visit_page("alerts")
    assert not page.exception
    assert "Nothing fires" in page.success[0].value
    assert "scalix alert add" in page.code[0].value


@pytest.mark.usefixtures("fired")
def test_what_fires_and_was_told_is_shown_without_secrets(visit_page: Callable[..., AppTest]) -> None:
    page = visit_page("alerts")
    assert not page.exception
    alerts, messages, history, _rules, tries = (frame.value for frame in page.dataframe)
    assert sorted(alerts["threshold"]) == ["50%", "80%"]
    assert messages["state"].tolist() == ["waiting", "waiting"]
    assert len(history) == 2
    assert len(tries) == 1
    assert "T000" not in str([frame.value.to_string() for frame in page.dataframe])


@pytest.mark.parametrize("told", [True, False])
def test_a_message_is_named_where_alerts_are_told(
    ledger: Ledger, control: ControlStore, visit_page: Callable[..., AppTest], told: bool
) -> None:
    if told:
        channels.add(control, "ops", SECRET_URL)
    budget = Budget(name="all", amount_usd=Decimal(1))
    shelf.keep(control, ledger.folder.spool, budget, reason=None, replace=False)
    record(ledger, [Attempt(now(), litellm_cost_usd=Decimal("0.95"))])
    watch_budgets(control, ledger, now_us=now_us())
    page = visit_page("alerts")
    alerts, history = page.dataframe[0].value, page.dataframe[2 if told else 1].value
    assert set(alerts["found"]) == {"spent usd 0.95, amount usd 1.00, left usd 0.05, unpriced 0"}
    assert ("message_id" in history.columns) == told
    assert ("Alerts are told nowhere yet" in str([one.value for one in page.caption])) != told


@pytest.mark.usefixtures("fired")
def test_a_message_is_replayed(control: ControlStore, visit_page: Callable[..., AppTest]) -> None:
    page = visit_page("alerts")
    page.button(key="replay").click().run()
    assert not page.exception
    assert sorted(row["tries"] for row in log.messages(control)) == [0, 0] or 0 in {
        row["tries"] for row in log.messages(control)
    }


@pytest.mark.usefixtures("fired")
def test_a_silence_is_made_with_a_reason_and_ended(control: ControlStore, visit_page: Callable[..., AppTest]) -> None:
    page = visit_page("alerts")
    _press(page, "Silence").run()
    assert "needs a reason" in page.error[0].value
    page.text_input(key="silence_reason").set_value("maintenance")
    _press(page, "Silence").run()
    assert [one.reason for one in silences.all_silences(control)] == ["maintenance"]
    _press(page, "End").run()
    assert silences.all_silences(control)[0].until_us <= now_us()


@pytest.mark.usefixtures("control")
def test_a_rule_is_tried_out_on_the_past(ledger: Ledger, visit_page: Callable[..., AppTest]) -> None:
    hour = now().replace(minute=5)
    record(ledger, [Attempt(hour - timedelta(hours=n)) for n in range(2, 24 * 14)])
    peaks = (hour - timedelta(hours=50), hour - timedelta(hours=49))
    record(ledger, [Attempt(at, litellm_cost_usd=Decimal(9)) for at in peaks])
    refresh_rollups(ledger, now_us=0)
    page = visit_page("alerts")
    page.selectbox(key="backtest_rule").set_value("spend-anomaly")
    _press(page, "Play").run()
    assert not page.exception
    found = page.dataframe[-1].value
    assert found["subject"].tolist() == ["openai"]
    assert (found["end"][0] - found["start"][0]).total_seconds() == 2 * 3600


def _press(page: AppTest, label: str) -> AppTest:
    next(one for one in page.button if one.label == label).click()
    return page
