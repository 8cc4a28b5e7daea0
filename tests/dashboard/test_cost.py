from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from analytics.spend.asking import DIMENSIONS
from scalix.times import now
from tests.attempt_rows import Attempt, failure, record

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamlit.testing.v1 import AppTest

    from scalix.store.ledger import Ledger


def _ago(**length: float) -> Any:
    return now() - timedelta(**length)


def _figures(page: AppTest) -> dict[str, str]:
    assert not page.exception
    return {metric.label: metric.value for metric in page.metric}


@pytest.mark.usefixtures("ledger")
def test_an_empty_ledger_says_how_to_begin(visit_page: Callable[..., AppTest]) -> None:
    page = visit_page("cost")

    assert not page.exception
    assert [alert.proto.title for alert in page.info] == ["No calls recorded yet"]


def test_figures_and_why_they_changed(ledger: Ledger, visit_page: Callable[..., AppTest]) -> None:
    record(
        ledger,
        [
            Attempt(_ago(hours=49)),
            Attempt(_ago(hours=30), litellm_cost_usd=Decimal(1)),
            Attempt(_ago(hours=2), litellm_cost_usd=Decimal("2.5")),
            Attempt(_ago(hours=1), litellm_cost_usd=None),
            failure(started_at=_ago(minutes=10), provider="azure", provider_cost_usd=Decimal("0.5")),
        ],
    )

    page = visit_page("cost")

    assert _figures(page)["Spent"] == "$3.00"
    assert _figures(page)["Wasted"] == "$0.50"
    assert page.metric[0].proto.delta_description == "50.00% priced"
    assert {metric.proto.delta_description for metric in page.metric} == {"50.00% priced"}
    why = page.dataframe[0].value
    assert why[["value", "difference_usd", "retries"]].to_numpy().tolist() == [
        ["openai", 1.5, 0.0],
        ["azure", 0.5, 0.5],
    ]


def test_a_change_of_unknown_cost_is_no_change_of_zero(ledger: Ledger, visit_page: Callable[..., AppTest]) -> None:
    unpriced = [Attempt(_ago(hours=hours), provider="local", litellm_cost_usd=None) for hours in (1, 30, 49)]
    free = Attempt(_ago(hours=1), provider="free", litellm_cost_usd=Decimal(0))
    record(ledger, [Attempt(_ago(hours=2), litellm_cost_usd=Decimal(2)), free, *unpriced])

    why, spenders = (frame.value.set_index("value") for frame in visit_page("cost").dataframe[:2])

    assert why.loc["local"].isna().all()
    assert why.loc["free"].eq(0).all()
    assert why.loc["openai", "difference_usd"] == 2
    assert spenders["spent_usd"].isna().to_dict() == {"openai": False, "free": False, "local": True}


def test_spending_before_calls_were_recorded_is_not_compared_with(
    ledger: Ledger, visit_page: Callable[..., AppTest]
) -> None:
    record(ledger, [Attempt(_ago(hours=24, minutes=20)), Attempt(_ago(hours=2), litellm_cost_usd=Decimal(80))])

    page = visit_page("cost")

    assert _figures(page)["Spent"] == "$80.00"
    assert {metric.delta for metric in page.metric} == {""}
    assert not [text.value for text in page.text if "in the period before" in text.value]
    assert [frame.value.columns[0] for frame in page.dataframe] == ["value"]
    assert sum("on record since" in caption.value for caption in page.caption) == 2


def test_a_span_without_calls_is_no_empty_ledger(ledger: Ledger, visit_page: Callable[..., AppTest]) -> None:
    record(ledger, [Attempt(_ago(hours=24, minutes=20))])

    page = visit_page("cost")

    assert [alert.proto.title for alert in page.info] == ["No calls in this span"]


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_every_dimension_can_be_chosen(ledger: Ledger, dimension: str, visit_page: Callable[..., AppTest]) -> None:
    record(
        ledger,
        [Attempt(_ago(minutes=number), team_id="t", user_id="u", tags=("b", "a")) for number in range(1, 5)],
    )

    page = visit_page("cost", by=dimension)

    assert _figures(page)["Spent"] == "$0.0040"
    assert f"Spending by {dimension}" in [heading.value for heading in page.subheader]
    assert not page.warning
