"""What the Failover page reads: edges with their price, how requests ended, and the chain of one request."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from analytics.failover.edges import edges
from analytics.failover.recovery import recovery
from analytics.failover.requests import chain, chained_requests, outcomes
from analytics.filters import Filters
from analytics.pricing import shelf
from analytics.pricing.own import own_facts
from analytics.reliability.episodes import episodes
from analytics.rollups.refresh import refresh_rollups
from scalix.events import PriceEvent
from scalix.times import to_us
from tests.attempt_rows import NOON, Attempt, after_noon, around, failure, record, rolled_up

if TYPE_CHECKING:
    from scalix.store.ledger import Ledger


def price(ledger: Ledger, model: str, meter: str, amount: str) -> None:
    """What a million tokens of a model cost at openai, since long ago."""
    since = to_us(NOON - timedelta(days=300))
    event = PriceEvent(
        at_us=since, provider="openai", model=model, meter=meter, amount=Decimal(amount), valid_from_us=since
    )
    with ledger.transaction() as cursor:
        shelf.add(cursor, own_facts([event]))


def test_an_edge_counts_all_that_was_tried_before_it(ledger: Ledger) -> None:
    rolled_up(
        ledger,
        failure(request=1, deployment_id="a", provider_cost_usd=Decimal("0.25")),
        failure(started_at=after_noon(seconds=1), request=1, deployment_id="a", provider_cost_usd=Decimal("0.25")),
        Attempt(after_noon(seconds=3), request=1, deployment_id="b"),
        failure(request=2, deployment_id="a", error_kind="timeout"),
        failure(started_at=after_noon(seconds=4), request=2, deployment_id="b"),
        failure(request=3, deployment_id="a"),
        Attempt(after_noon(seconds=1), request=3, deployment_id="a"),
    )
    (edge,) = edges(around(), ledger=ledger).to_dicts()
    assert (edge["moved_from"], edge["moved_to"], edge["moves"], edge["served"]) == ("a", "b", 2, 1)
    assert (edge["failed_attempts"], edge["added_us"]) == (3, 7_000_000)
    assert (edge["wasted_usd"], edge["served_usd"]) == (Decimal("0.5"), Decimal("0.001"))
    assert edge["reason"] in {"server", "timeout"}
    assert edges(around(deployments=("b",)), ledger=ledger).is_empty()


def test_the_premium_is_what_the_answer_cost_beyond_list_price_where_it_failed(ledger: Ledger) -> None:
    price(ledger, "cheap", "input", "1")
    price(ledger, "cheap", "output", "4")

    def answer(request: int, deployment: str, dollars: int) -> Attempt:
        return Attempt(
            after_noon(seconds=1),
            request,
            model="other",
            deployment_id=deployment,
            input_tokens=1_000_000,
            output_tokens=500_000,
            litellm_cost_usd=Decimal(dollars),
        )

    rolled_up(
        ledger,
        failure(request=1, deployment_id="a", model="cheap"),
        answer(1, "b", 5),
        failure(request=2, deployment_id="c", model="unpriced"),
        answer(2, "b", 5),
        failure(request=3, deployment_id="a", model="cheap"),
        answer(3, "d", 2),
    )
    found = edges(around(), ledger=ledger).select("moved_from", "moved_to", "premium_usd").rows()
    assert set(found) == {("a", "b", Decimal(2)), ("c", "b", None), ("a", "d", Decimal(-1))}


def test_ends_of_a_span_that_cut_a_minute_count_what_is_inside_alone(ledger: Ledger) -> None:
    moments = [after_noon(minutes=-120 + 50 * number, seconds=20 * step) for number in range(4) for step in range(3)]
    for number, at in enumerate(moments):
        failed = failure(started_at=at, request=number, deployment_id="a", provider_cost_usd=Decimal("0.25"))
        record(ledger, [failed, Attempt(at + timedelta(seconds=5), number, deployment_id="b")])
    refresh_rollups(ledger, now_us=0)
    asked = Filters(moments[0] + timedelta(seconds=10), moments[-1] + timedelta(seconds=5))
    moved = sum(asked.start <= at + timedelta(seconds=5) < asked.end for at in moments)
    (edge,) = edges(asked, ledger=ledger).to_dicts()
    assert (edge["moves"], edge["served"], edge["failed_attempts"], edge["reason"]) == (moved, moved, moved, "server")
    assert (edge["wasted_usd"], edge["added_us"]) == (moved * Decimal("0.25"), moved * 5_000_000)
    found = outcomes(asked, ledger)
    assert (moved, found.answered, found.recovered, found.wasted_usd) == (10, 10, 10, Decimal("2.5"))


def test_outcomes_tell_what_failover_saved(ledger: Ledger) -> None:
    rolled_up(
        ledger,
        *(failure(request=number, deployment_id="a", latency_us=500_000) for number in range(5)),
        *(Attempt(after_noon(seconds=1), request=number, deployment_id="b") for number in range(4)),
        *(Attempt(after_noon(seconds=2)) for _ in range(5)),
        failure(error_kind="bad_request"),
        failure(upstream=False, error_kind="rejected"),
        Attempt(status="cancelled"),
    )
    found = outcomes(around(), ledger)
    assert (found.answered, found.failed, found.recovered) == (9, 1, 4)
    assert (found.own_fault, found.refused, found.given_up) == (1, 1, 1)
    assert (found.request_success_rate, found.without_failover) == (0.9, 0.5)
    assert found.attempt_success_rate == pytest.approx(1 - 5 / 15)
    assert found.failover_us == 4 * 500_000
    assert outcomes(around(teams=("nobody",)), ledger).request_success_rate is None


def test_the_latest_requests_of_more_than_one_attempt_are_found(ledger: Ledger) -> None:
    for number in range(30):
        at = after_noon(minutes=-number)
        answered = Attempt(at + timedelta(seconds=2), number, deployment_id="b")
        record(ledger, [failure(started_at=at, request=number, deployment_id="a"), answered])
    record(ledger, [Attempt(after_noon(minutes=1)) for _ in range(9)])
    refresh_rollups(ledger, now_us=0)
    found, sql = chained_requests(around(), 10, ledger)
    assert found["began_at"].to_list() == [after_noon(minutes=-number) for number in range(10)]
    told = found.select("first_deployment", "last_deployment", "attempts", "errors", "outcome", "added_us")
    assert set(told.rows()) == {("a", "b", 2, "server", "success", 2_000_000)}
    assert ledger.read(sql).equals(found)
    assert chained_requests(around(deployments=("c",)), 10, ledger)[0].is_empty()


def test_a_chain_is_every_attempt_of_its_request_in_order(ledger: Ledger) -> None:
    answered = Attempt(after_noon(seconds=2), request=7, cache_read_tokens=300)
    record(ledger, [answered, failure(request=7), Attempt(request=8), Attempt()])
    trace = str(ledger.read("SELECT trace_id FROM attempts WHERE started_at > ?", [NOON]).item())
    for near in (None, NOON):
        found = chain(trace, near, ledger)
        assert found["status"].to_list() == ["failure", "success"]
        assert found.select("tokens_in", "tokens_out").rows() == [(None, None), (310, 5)]
    alone = str(ledger.read("SELECT call_id FROM attempts WHERE trace_id IS NULL").item())
    assert chain(alone, None, ledger).height == 1
    assert chain("nothing", None, ledger).is_empty()
    assert chain(trace, NOON + timedelta(days=9), ledger).is_empty()


def test_recovery_is_the_mean_over_deployments(ledger: Ledger) -> None:
    def minutes(name: str, length: int) -> list[Attempt]:
        moments = [after_noon(minutes=minute) for minute in range(length) for _ in range(10)]
        return [failure(started_at=at, deployment_id=name) for at in moments]

    assert recovery([]).to_recover is None
    rolled_up(ledger, *minutes("a", 4), *minutes("b", 8))
    found = recovery(episodes(around(), ledger))
    assert (found.episodes, found.to_detect, found.to_recover) == (2, timedelta(minutes=1), timedelta(minutes=6))
