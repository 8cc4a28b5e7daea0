"""The Reliability page: figures out of the rollups, and a helpful word where there are none."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from analytics.facts import put_on_spool
from analytics.intake.ingest import ingest_once
from analytics.rollups.refresh import refresh_rollups
from scalix.events import CooldownEvent
from scalix.times import MICROSECONDS, now, now_us
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


def test_cooldowns_that_overlap_are_shown_as_one(ledger: Ledger, visit_page: Callable[..., AppTest]) -> None:
    began_us = now_us() - 600 * MICROSECONDS
    told = [
        CooldownEvent(
            at_us=began_us + after * MICROSECONDS, until_us=began_us + (after + 60) * MICROSECONDS,
            deployment_id="us", error_kind="rate_limit",
        )
        for after in (0, 30, 200)
    ]  # fmt: skip
    record(ledger, [Attempt(now() - timedelta(minutes=9), deployment_id="us")])
    refresh_rollups(ledger, now_us=0)
    for _ in range(2):  # a copied segment tells nothing new
        put_on_spool(ledger.folder.spool, told)
        ingest_once(ledger, ledger.folder, now_us=now_us())

    page = visit_page("reliability")

    assert not page.exception
    cooldowns = page.dataframe[-1].value
    assert cooldowns["deployment"].tolist() == ["us", "us"]
    assert cooldowns["lasts"].tolist() == [60.0, 90.0]
    assert cooldowns["times"].tolist() == [1, 2]


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
