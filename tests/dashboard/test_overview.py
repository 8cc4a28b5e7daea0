from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

import pytest

from analytics import reading
from dashboard import host
from scalix.times import now
from tests.attempt_rows import Attempt, failure, record

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from streamlit.testing.v1 import AppTest

    from scalix.store.ledger import Ledger


def _ago(**length: float) -> datetime:
    return now() - timedelta(**length)


def _figures(page: AppTest) -> dict[str, str]:
    assert not page.exception
    return {metric.label: metric.value for metric in page.metric}


def _titles(page: AppTest) -> list[str]:
    return [alert.proto.title for alert in (*page.info, *page.warning, *page.error)]


@pytest.mark.usefixtures("ledger")
def test_an_empty_ledger_says_how_to_begin(visit: Callable[..., AppTest]) -> None:
    page = visit()

    assert not page.exception
    assert _titles(page) == ["No calls recorded yet"]
    assert "scalix.install()" in page.code[0].value
    assert page.code[-1].value == "scalix demo"
    assert not page.metric


def test_without_a_ledger_the_page_says_so_instead_of_failing(visit: Callable[..., AppTest]) -> None:
    reading.read_from(None)

    page = visit()

    assert not page.exception
    assert _titles(page) == ["The ledger is not available"]
    assert "scalix up" in page.text[0].value


def test_a_ledger_that_fails_later_is_reported_in_place(ledger: Ledger, visit: Callable[..., AppTest]) -> None:
    record(ledger, [Attempt(_ago(minutes=5))])
    page = visit()
    ledger.close()

    page.run()

    assert not page.exception
    assert "The ledger is not available" in _titles(page)


def test_figures_of_the_last_day_against_the_day_before(ledger: Ledger, visit: Callable[..., AppTest]) -> None:
    record(
        ledger,
        [
            Attempt(_ago(hours=49)),
            Attempt(_ago(hours=30), litellm_cost_usd=Decimal(1)),
            Attempt(_ago(hours=2), litellm_cost_usd=Decimal("2.5"), ttft_us=250_000),
            Attempt(_ago(hours=1), litellm_cost_usd=None),
            failure(started_at=_ago(minutes=10), request=1, provider="azure", latency_us=1_500_000),
            Attempt(_ago(minutes=9), request=1, litellm_cost_usd=Decimal("0.5")),
        ],
    )

    page = visit()

    assert _figures(page) == {
        "Spent": "$3.00",
        "Calls": "3",
        "Attempts": "4",
        "Tokens": "45",
        "Unpriced": "33.33%",
        "Success rate": "100%",
        "Error rate": "25.00%",
        "Latency p95": "1.00 s",
        "First token": "250 ms",
        "Time in failover": "1.50 s",
    }
    spent = page.metric[0]
    assert (spent.delta, spent.proto.delta_description) == ("+200%", "66.67% priced")
    failovers, models = (frame.value for frame in page.dataframe)
    assert failovers[["moved_from", "moved_to", "reason", "outcome"]].to_numpy().tolist() == [
        ["azure / gpt-4o", "openai / gpt-4o", "server", "answered"]
    ]
    assert models[["model", "provider", "spent_usd"]].to_numpy().tolist()[0] == ["gpt-4o", "openai", 3.0]
    assert len(page.get("vega_lite_chart")) == 2
    assert "Newest call 9 min" in page.caption[0].value


def test_a_period_before_that_is_not_wholly_on_record_is_not_compared_with(
    ledger: Ledger, visit: Callable[..., AppTest]
) -> None:
    first = _ago(hours=24, minutes=20)
    record(ledger, [Attempt(first), failure(started_at=_ago(hours=24, minutes=5)), *[Attempt(_ago(hours=2))] * 9])

    page = visit()

    assert _figures(page)["Calls"] == "9"
    assert {metric.delta for metric in page.metric} == {""}
    (told,) = (caption.value for caption in page.caption if "on record since" in caption.value)
    assert told.startswith(f"Calls are on record since {first:%b %d, %Y, %H:%M} UTC: there is no whole period before")


@pytest.mark.parametrize(
    "attempt_at",
    [
        Attempt,
        partial(Attempt, litellm_cost_usd=None),
        lambda at: failure(started_at=at, request=1),
        partial(Attempt, upstream=False, latency_us=None, input_tokens=None, output_tokens=None),
        partial(Attempt, provider=None, model=None, model_group=None, latency_us=None),
        partial(Attempt, status="cancelled", litellm_cost_usd=None),
    ],
    ids=["one", "unpriced", "failed", "from cache", "nameless", "given up"],
)
def test_a_single_attempt_of_any_kind_is_shown(
    ledger: Ledger, visit: Callable[..., AppTest], attempt_at: Callable[[datetime], Attempt]
) -> None:
    record(ledger, [attempt_at(_ago(minutes=3))])

    assert _figures(visit(range="15m"))["Calls"] == "1"


def test_a_span_without_calls_says_what_to_change(ledger: Ledger, visit: Callable[..., AppTest]) -> None:
    record(ledger, [Attempt(_ago(hours=5))])

    assert _titles(visit(range="1h")) == ["No calls in this span"]
    assert "longer range" in visit(range="1h").info[0].value
    assert "fewer filters" in visit(range="24h", provider=["nobody"]).info[0].value


def test_filters_in_the_address_are_applied(ledger: Ledger, visit: Callable[..., AppTest]) -> None:
    record(
        ledger,
        [
            Attempt(_ago(minutes=5), provider="azure", user_id="ann", tags=("a",)),
            Attempt(_ago(minutes=5), provider="openai", user_id="bob"),
            Attempt(_ago(hours=5), provider="azure"),
        ],
    )

    assert _figures(visit())["Calls"] == "3"
    assert _figures(visit(range="1h"))["Calls"] == "2"
    assert _figures(visit(range="1h", provider=["azure", "groq"]))["Calls"] == "1"
    assert _figures(visit(provider=["azure"], user=["ann"], tag=["a"]))["Calls"] == "1"
    assert _figures(visit(range="custom", from_=f"{_ago(hours=6):%Y-%m-%dT%H:%M}"))["Calls"] == "3"
    between = visit(range="custom", from_=f"{_ago(hours=6):%Y-%m-%dT%H:%M}", to=f"{_ago(hours=4):%Y-%m-%dT%H:%M}")
    assert _figures(between)["Calls"] == "1"


def test_choosing_in_the_bar_narrows_the_figures(ledger: Ledger, visit: Callable[..., AppTest]) -> None:
    record(ledger, [Attempt(_ago(minutes=5), model="o3"), Attempt(_ago(minutes=5))])
    page = visit()

    page.multiselect(key="model").set_value(["o3"]).run()

    assert _figures(page)["Calls"] == "1"
    assert page.multiselect(key="model").options == ["gpt-4o", "o3"]


@pytest.mark.parametrize(
    ("parameters", "named"),
    [
        ({"range": "yesterday"}, "range"),
        ({"live": "maybe"}, "live"),
        ({"range": "custom", "from_": "noon"}, "from"),
        ({"range": "custom", "from_": "2026-11-20T12:00", "to": "2026-11-20T11:00"}, "from, to"),
        ({"range": "custom"}, None),
        ({"user": ["x" * 600]}, "user"),
        ({"tag": [str(number) for number in range(150)]}, "tag"),
        ({"range": "24h", "live": "false", "provider": ["openai"]}, None),
        ({"unknown": "<script>"}, None),
    ],
)
def test_what_the_address_cannot_mean_is_ignored_with_a_notice(
    ledger: Ledger, visit: Callable[..., AppTest], parameters: dict[str, str | list[str]], named: str | None
) -> None:
    record(ledger, [Attempt(_ago(minutes=5))])

    page = visit(**parameters)

    assert not page.exception
    assert [warning.value for warning in page.warning] == (
        [f"Not understood and ignored in the address: {named}."] if named else []
    )


def test_who_may_not_enter_sees_nothing(ledger: Ledger, visit: Callable[..., AppTest]) -> None:
    record(ledger, [Attempt(_ago(minutes=5))])
    host.serve_for(host.Host(may_enter=lambda: False))

    page = visit()

    assert not page.exception
    assert not page.title
    assert not page.metric
