"""The Data quality page: what is unpriced, what disagrees and what was set aside, counted and named."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from scalix.events import PriceEvent
from scalix.times import now, now_us
from tests.attempt_rows import Attempt, record
from tests.spool_files import lines, take_in, write_segment

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamlit.testing.v1 import AppTest

    from scalix.store.ledger import Ledger


def _figures(page: AppTest) -> dict[str, Any]:
    assert not page.exception
    return {metric.label: metric.value for metric in page.metric}


@pytest.mark.usefixtures("ledger")
def test_without_calls_nothing_is_wrong(visit_page: Callable[..., AppTest]) -> None:
    page = visit_page("quality")
    assert _figures(page)["Unpriced"] == "0"
    assert not page.dataframe


def test_what_cannot_be_trusted_is_counted_and_named(ledger: Ledger, visit_page: Callable[..., AppTest]) -> None:
    price = PriceEvent(
        at_us=now_us(), provider="openai", model="gpt-4o", meter="input", amount=Decimal(3), valid_from_us=0
    )
    write_segment(ledger.folder.spool, lines([price]) + b"not a line\n")
    take_in(ledger, now_us=now_us())
    at = now() - timedelta(minutes=5)
    record(ledger, [Attempt(at), Attempt(at, model="gpt-44o", litellm_cost_usd=None)])
    with ledger.transaction() as cursor:
        cursor.execute(
            "UPDATE attempts SET book_agrees = false, book_cost_usd = 0.00000025 WHERE model = 'gpt-4o'"
        ).fetchall()
        cursor.execute(
            "UPDATE attempts SET flags = ['clock'], tokens_source = 'estimated' WHERE model = 'gpt-44o'"
        ).fetchall()

    page = visit_page("quality")

    figures = _figures(page)
    assert (figures["Priced"], figures["Unpriced"]) == ("50.00%", "1")
    assert (figures["Clocks differ"], figures["Estimated"]) == ("1", "1")
    unpriced, drift, aside = (frame.value for frame in page.dataframe)
    assert unpriced[["model", "nearest"]].to_numpy().tolist() == [["gpt-44o", "gpt-4o"]]
    assert drift[["model", "book_usd", "litellm_usd"]].to_numpy().tolist() == [["gpt-4o", 0.00000025, 0.001]]
    assert json.loads(page.dataframe[1].proto.columns)["book_usd"]["type_config"]["step"] == pytest.approx(1e-8)
    assert aside[["reason", "events"]].to_numpy().tolist() == [["no version", 1]]
