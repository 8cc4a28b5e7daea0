"""The Budgets page: how budgets stand, what fires and what was told, and how to begin."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from analytics import reading
from analytics.alerts import channels
from analytics.alerts.delivery import deliver_due
from analytics.alerts.engine import watch_budgets
from analytics.budgets import shelf
from analytics.budgets.definitions import Budget
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


@pytest.mark.usefixtures("control")
def test_without_budgets_the_page_says_how_to_begin(visit_page: Callable[..., AppTest]) -> None:
    page = visit_page("budgets")
    assert not page.exception
    assert [alert.proto.title for alert in page.info] == ["No budgets yet"]
    assert "scalix budget add" in page.code[0].value
    assert "scalix alert add" in page.code[1].value


@pytest.mark.usefixtures("ledger")
def test_without_a_control_store_the_page_says_so(visit_page: Callable[..., AppTest]) -> None:
    page = visit_page("budgets")
    assert not page.exception
    assert [alert.proto.title for alert in page.error] == ["The stores are not available"]


def test_what_is_spent_fires_and_is_told_is_shown_without_secrets(
    ledger: Ledger, control: ControlStore, visit_page: Callable[..., AppTest]
) -> None:
    channels.add(control, "ops", SECRET_URL)
    spool = ledger.folder.spool
    shelf.keep(control, spool, Budget(name="all", amount_usd=Decimal(1)), reason=None, replace=False)
    record(ledger, [Attempt(now(), litellm_cost_usd=Decimal("0.9")), Attempt(now(), litellm_cost_usd=None)])
    watch_budgets(control, ledger, now_us=now_us())
    deliver_due(control, allow_private=False)

    page = visit_page("budgets")

    assert not page.exception
    budgets, alerts, messages = (frame.value for frame in page.dataframe)
    assert budgets["spent"].tolist() == [0.9]
    assert budgets["crossed"].tolist() == ["50 % warn, 80 % warn"]
    assert sorted(alerts["threshold"]) == ["50%", "80%"]
    assert messages["state"].tolist() == ["waiting", "waiting"]
    assert "Calls of unknown cost in the window of all: 1." in page.warning[0].value
    assert "T000" not in str([frame.to_string() for frame in (budgets, alerts, messages)])
