"""Columns of dollars: no amount looks like nothing, and all of a column line up."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import timedelta
from decimal import Decimal
from math import log10
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from analytics import reading
from analytics.access import issuing
from analytics.access.limits import Limits
from analytics.access.pepper import pepper_of
from analytics.budgets import shelf
from analytics.budgets.definitions import Budget
from analytics.rollups.refresh import refresh_rollups
from dashboard import amounts
from scalix.store.control import ControlStore
from scalix.times import now
from tests.attempt_rows import Attempt, failure, record

if TYPE_CHECKING:
    from collections.abc import Callable

    from scalix.store.ledger import Ledger


@pytest.mark.parametrize(
    ("given", "shown", "step"),
    [
        (["75.59641395", "0"], [75.6, 0.0], 0.01),
        (["1.5", "0.000013456"], [1.5, 0.000013], 1e-6),
        (["-0.0036", None], [-0.0036, None], 1e-4),
        (["1", "0.000000000001"], [1.0, 0.0], 1e-8),
        ([None, None], [None, None], 0.01),
    ],
)
def test_the_smallest_amount_says_how_many_decimals_are_shown(
    given: list[str | None], shown: list[float | None], step: float
) -> None:
    frame = pl.DataFrame({"usd": [None if one is None else Decimal(one) for one in given]})
    assert amounts.rounded(frame, "usd")["usd"].to_list() == shown
    drawn: Any = amounts.column("Cost", frame["usd"])
    assert (drawn["type_config"]["format"], drawn["type_config"]["step"]) == ("dollar", pytest.approx(step))


def test_small_amounts_of_failover_are_dollars_with_their_digits(
    ledger: Ledger, visit_page: Callable[..., AppTest]
) -> None:
    first, second = now() - timedelta(minutes=9), now() - timedelta(minutes=8)
    failed = failure(started_at=first, deployment_id="eu", request=1, provider_cost_usd=Decimal("0.000013"))
    record(ledger, [failed, Attempt(second, deployment_id="us", request=1)])
    refresh_rollups(ledger, now_us=0)

    page = visit_page("failover")

    edges, requests = page.dataframe
    for frame in (edges, requests):
        assert frame.value["wasted_usd"].tolist() == [0.000013]
        wasted = json.loads(frame.proto.columns)["wasted_usd"]["type_config"]
        assert (wasted["format"], wasted["step"]) == ("dollar", 1e-6)


def test_a_small_cost_in_a_chain_is_no_nothing(ledger: Ledger) -> None:
    def page(request_id: str) -> None:
        from dashboard import chain_section  # noqa: PLC0415 - runs as a script of its own

        chain_section.show(request_id)

    record(ledger, [Attempt(now(), litellm_cost_usd=Decimal("0.00000025"))])
    call = str(ledger.read("SELECT call_id FROM attempts").item())
    (chain,) = AppTest.from_function(page, args=(call,), default_timeout=60).run().dataframe
    assert chain.value["cost_usd"].tolist() == [0.00000025]
    assert json.loads(chain.proto.columns)["cost_usd"]["type_config"]["step"] == 1e-8


def test_a_small_waste_is_no_nothing_among_the_spenders(ledger: Ledger, visit_page: Callable[..., AppTest]) -> None:
    failed = failure(started_at=now() - timedelta(minutes=9), provider_cost_usd=Decimal("0.00035"))
    record(ledger, [failed, Attempt(now() - timedelta(minutes=8), litellm_cost_usd=Decimal("75.59641395"))])

    spenders = next(one for one in visit_page("cost").dataframe if "per_call_usd" in one.value)

    columns = json.loads(spenders.proto.columns)
    assert columns["wasted_usd"]["type_config"]["step"] == 1e-5
    assert columns["spent_usd"]["type_config"]["step"] == 0.01
    assert spenders.value[["spent_usd", "wasted_usd"]].to_numpy().tolist() == [[75.6, 0.00035]]


def amounts_of(page: AppTest, column: str) -> tuple[list[float], int]:
    """A column of the first table that has it, and how many decimals it shows."""
    frame = next(one for one in page.dataframe if column in one.value)
    step = json.loads(frame.proto.columns)[column]["type_config"]["step"]
    return frame.value[column].tolist(), round(-log10(step))


@pytest.mark.parametrize(
    ("page", "column"), [("overview", "spent_usd"), ("reliability", "wasted_usd"), ("calls", "cost_usd")]
)
def test_no_table_shows_a_small_amount_as_nothing(
    ledger: Ledger, visit_page: Callable[..., AppTest], page: str, column: str
) -> None:
    record(ledger, [failure(started_at=now() - timedelta(minutes=9), provider_cost_usd=Decimal("0.00000025"))])
    refresh_rollups(ledger, now_us=0)
    assert amounts_of(visit_page(page), column) == ([0.00000025], 8)


def test_calls_of_more_than_a_cent_keep_what_tells_them_apart(
    ledger: Ledger, visit_page: Callable[..., AppTest]
) -> None:
    record(ledger, [Attempt(now() - timedelta(minutes=9), litellm_cost_usd=Decimal("0.012345"))])
    assert amounts_of(visit_page("calls"), "cost_usd") == ([0.012345], 6)


def test_small_budgets_and_keys_are_no_nothing(
    ledger: Ledger, visit_page: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCALIX_HOME", str(ledger.folder.root))
    with closing(ControlStore.in_folder(ledger.folder)) as control:
        reading.read_from(ledger, lambda: 0, control)
        budget = Budget(name="all", amount_usd=Decimal("0.0004"))
        shelf.keep(control, ledger.folder.spool, budget, reason=None, replace=False)
        record(ledger, [Attempt(now(), litellm_cost_usd=Decimal("0.00000025"))])
        limits = Limits(budget_pusd=400_000_000)
        issuing.mint(control, pepper_of(ledger.folder), by="test", limits=limits)
        budgets, keys = visit_page("budgets"), visit_page("keys")
        assert amounts_of(budgets, "spent") == ([0.00000025], 8)
        assert amounts_of(budgets, "amount") == ([0.0004], 5)
        assert amounts_of(keys, "budget") == ([0.0004], 5)
