"""The Reliability page: figures out of the rollups, and a helpful word where there are none."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from analytics.rollups.refresh import refresh_rollups
from scalix.times import now
from tests.attempt_rows import Attempt, failure, record

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamlit.testing.v1 import AppTest

    from scalix.store.ledger import Ledger


@pytest.mark.usefixtures("ledger")
def test_without_attempts_the_page_says_what_to_do(visit_page: Callable[..., AppTest]) -> None:
    page = visit_page("reliability")
    assert not page.exception
    assert [alert.proto.title for alert in page.info] == ["No attempts in this span"]


def test_figures_are_shown_by_what_is_chosen(ledger: Ledger, visit_page: Callable[..., AppTest]) -> None:
    moments = [now() - timedelta(minutes=number) for number in range(5, 15)]
    record(ledger, [Attempt(at, deployment_id="eu") for at in moments])
    record(ledger, [failure(started_at=at, deployment_id="us", request=1) for at in moments])
    refresh_rollups(ledger, now_us=0)

    page = visit_page("reliability", by="deployment")

    names = page.dataframe[0].value
    assert names["name"].tolist() == ["eu", "us"]
    assert names["error_rate"].tolist() == [0.0, 1.0]
    episodes = page.dataframe[1].value
    assert set(episodes["deployment"]) == {"us", "all of them"}
    assert set(episodes["kind"]) == {"outage"}
    assert {"Error rate", "Episodes", "By deployment"} <= {heading.value for heading in page.subheader}


def test_failover_says_how_much_of_its_amounts_is_known(ledger: Ledger, visit_page: Callable[..., AppTest]) -> None:
    first, second = now() - timedelta(minutes=9), now() - timedelta(minutes=8)
    record(
        ledger,
        [
            *(failure(started_at=first, deployment_id="eu", request=number) for number in range(4)),
            *(Attempt(second, deployment_id="us", request=number) for number in range(3)),
            Attempt(second, deployment_id="us", request=3, litellm_cost_usd=None),
        ],
    )
    refresh_rollups(ledger, now_us=0)

    page = visit_page("failover")

    (wasted,) = (metric for metric in page.metric if metric.label == "Wasted")
    assert wasted.delta == "75.00% priced"
    edges, requests = (frame.value for frame in page.dataframe)
    assert edges["priced"].tolist() == [0.75]
    assert sorted(requests["unpriced"]) == [0, 0, 0, 1]


def test_a_ledger_that_is_away_is_said_to_be(ledger: Ledger, visit_page: Callable[..., AppTest]) -> None:
    ledger.close()
    page = visit_page("reliability")
    assert not page.exception
    assert "The ledger is not available" in [alert.proto.title for alert in page.error]
