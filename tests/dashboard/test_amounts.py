"""Columns of dollars: no amount looks like nothing, and all of a column line up."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from analytics.rollups.refresh import refresh_rollups
from dashboard import amounts
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
