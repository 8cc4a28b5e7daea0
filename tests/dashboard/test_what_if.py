"""The What-if page replays recorded requests; the Routing page tells how things stand and what was saved."""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec
import pytest

from analytics.intake.ingest import ingest_once
from routing.deciding import decide
from routing.policy import Asked, Candidate, Policy
from scalix import snapshot
from scalix.events import DecisionEvent
from scalix.snapshot import Mode
from scalix.times import from_us, now_us
from tests.attempt_rows import Attempt, record
from tests.spool_files import lines, write_segment

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamlit.testing.v1 import AppTest

    from scalix.store.ledger import Ledger

POLICY = Policy(usd_per_s=0.0, exploration=0.5, temperature=0.3)
PRICES = {"cheap": 1e-6, "dear": 1.1e-6}


def fill(ledger: Ledger, requests: int = 150) -> None:
    """Requests of the last minutes, half of them exploring."""
    rng, at_us, events, rows = Random(4), now_us(), [], []
    known = [
        Candidate(deployment_id=name, successes=50.0, list_input_usd=usd, list_output_usd=usd, latency_s=1.0)
        for name, usd in PRICES.items()
    ]
    for number in range(1, requests + 1):
        decision = decide(Asked(input_tokens=1000.0, output_tokens=0.0), known, POLICY, rng.random())
        moment, trace = at_us - number * 1_000_000, str(UUID(int=2**96 + number))
        cost = PRICES[decision.deployment_id] * 1000
        started = from_us(moment)
        rows.append(
            Attempt(
                request=number,
                started_at=started,
                deployment_id=decision.deployment_id,
                litellm_cost_usd=Decimal(f"{cost:.12f}"),
                input_tokens=1000,
                output_tokens=0,
            )
        )
        events.append(
            DecisionEvent(
                at_us=moment,
                trace_id=trace,
                model_group="chat",
                mode="on",
                acted=True,
                deployment_id=decision.deployment_id,
                probability=decision.probabilities[decision.chosen],
                reason=decision.reason,
                decision=msgspec.json.encode(decision).decode(),
            )
        )
    record(ledger, rows)
    write_segment(ledger.folder.spool, lines(events))
    ingest_once(ledger, ledger.folder, now_us=now_us())


@pytest.mark.usefixtures("ledger")
def test_without_requests_the_page_says_what_is_needed(visit_page: Callable[..., AppTest]) -> None:
    page = visit_page("what_if")
    assert not page.exception
    assert [alert.proto.title for alert in page.info] == ["No requests to replay in this span"]


def test_nothing_changed_is_the_same_and_an_outage_costs_more(
    ledger: Ledger, visit_page: Callable[..., AppTest]
) -> None:
    fill(ledger)
    page = visit_page("what_if")
    assert not page.exception
    page.multiselect(key="down").set_value(["cheap"]).run()
    assert not page.exception
    assert "more" in page.success[0].value
    table = page.dataframe[0].value
    assert table["said"][0] == "differs"
    assert table["estimated"][0] == pytest.approx(0.0011, rel=0.01)


def test_too_small_a_record_is_refused(ledger: Ledger, visit_page: Callable[..., AppTest]) -> None:
    fill(ledger, requests=20)
    page = visit_page("what_if")
    assert not page.exception
    assert [alert.proto.title for alert in page.warning] == ["Nothing can be said"]


def test_the_routing_page_tells_scores_arms_savings_and_why_it_stepped_back(
    ledger: Ledger, visit_page: Callable[..., AppTest]
) -> None:
    fill(ledger)
    snapshot.write_mode(ledger.folder.snapshot, Mode(mode="shadow", note="the canary stepped back: it cost more"))
    page = visit_page("routing")
    assert not page.exception
    assert [alert.value for alert in page.warning] == ["the canary stepped back: it cost more"]
    _feed, _candidates, standing, arms, savings = (frame.value for frame in page.dataframe)
    assert set(standing["deployment"]) == {"cheap", "dear"}
    assert arms["requests"].tolist() == [150]
    assert arms["priced_share"].tolist() == [1.0]
    assert any("All of them are priced." in caption.value for caption in page.caption)
    savings = savings.set_index("baseline")
    first = savings.loc["always the first deployment listed"]
    assert first["saved"] < 0, "exploring half of the time costs more than always the cheap one"
    assert first["said"] == "cost more"
