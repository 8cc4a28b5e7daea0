from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics import stats
from analytics.filters import Filters
from scalix.folder import Folder
from scalix.store.ledger import Ledger
from tests.attempt_rows import NOON, Attempt, forget, record
from tests.soak import at_length

if TYPE_CHECKING:
    from collections.abc import Iterator

SPAN = timedelta(hours=2)
HOUR = timedelta(hours=1)
costs = st.none() | st.decimals(Decimal(0), Decimal(99999), places=12)
attempts = st.lists(
    st.builds(
        Attempt,
        started_at=st.integers(-7_200_000_000, 7_199_999_999).map(lambda us: NOON + timedelta(microseconds=us)),
        request=st.none() | st.integers(1, 8),
        provider=st.none() | st.sampled_from([f"p{number}" for number in range(12)]),
        status=st.sampled_from(["success", "success", "failure", "cancelled", "abandoned"]),
        error_kind=st.sampled_from([None, "server", "bad_request"]),
        upstream=st.sampled_from([None, True, True, False]),
        input_tokens=st.none() | st.integers(0, 10**9),
        output_tokens=st.none(),
        litellm_cost_usd=costs,
        provider_cost_usd=costs,
    ),
    max_size=40,
)


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    opened = Ledger.open(Folder(tmp_path_factory.mktemp("sums")))
    yield opened
    opened.close()


@pytest.mark.soak
@settings(max_examples=at_length(15, 400), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=attempts)
def test_totals_are_the_sum_over_stretches_and_the_raw_sum_to_the_last_digit(
    ledger: Ledger, rows: list[Attempt]
) -> None:
    period = Filters(NOON, NOON + SPAN)
    forget(ledger)
    record(ledger, rows)
    now, before = stats.totals(period, ledger)
    stretches = stats.providers_over_time(period, ledger)
    models = stats.top_models(period, rows=100, ledger=ledger)

    inside = [row for row in rows if row.started_at >= NOON]
    for totals, part in ((now, inside), (before, [row for row in rows if row.started_at < NOON])):
        assert totals.spent_usd == _cost(part)
        assert totals.attempts == sum(row.upstream is not False for row in part)
        assert totals.with_tokens == sum(row.input_tokens is not None for row in part)
        assert totals.unpriced == sum(row.input_tokens is not None and _price(row) is None for row in part)
    assert sum((cost for cost in stretches["spent_usd"] if cost is not None), Decimal(0)) == (now.spent_usd or 0)
    assert sum((cost for cost in models["spent_usd"] if cost is not None), Decimal(0)) == (now.spent_usd or 0)
    assert stretches["attempts"].sum() == models["attempts"].sum() == now.attempts
    assert stretches["unpriced"].sum() == models["unpriced"].sum() == now.unpriced
    assert stretches["ended"].sum() == now.succeeded + now.failed
    assert stretches["provider_errors"].sum() == now.provider_errors


@pytest.mark.soak
@settings(max_examples=at_length(15, 400), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=attempts)
def test_requests_agree_with_a_plain_walk_along_each_chain(ledger: Ledger, rows: list[Attempt]) -> None:
    period = Filters(NOON - SPAN, NOON + SPAN)
    # Two attempts of a request never start in the same microsecond.
    rows = list({(row.request, row.started_at): row for row in rows if row.request is not None}.values())
    forget(ledger)
    record(ledger, rows)
    now, _ = stats.totals(period, ledger)

    assert (now.served, now.unserved, now.unfinished, now.failed_over, now.failover_us) == _walk(rows)


def _walk(rows: list[Attempt]) -> tuple[int, int, int, int, int]:
    served = unserved = unfinished = failed_over = failover_us = 0
    for request in {row.request for row in rows}:
        for chain in _chains(sorted((row for row in rows if row.request == request), key=lambda row: row.started_at)):
            end = chain[-1]
            lost = [row for row in chain if _failed(row) and end.started_at - row.started_at <= HOUR]
            if end.status == "success":
                served += 1
                failed_over += bool(lost)
                failover_us += sum(row.latency_us or 0 for row in lost)
            elif _failed(end) and end.error_kind != "bad_request":
                unserved += 1
            else:
                unfinished += 1
    return served, unserved, unfinished, failed_over, failover_us


def _chains(trace: list[Attempt]) -> Iterator[list[Attempt]]:
    """A chain ends with a success, or where nothing follows within an hour."""
    chain: list[Attempt] = []
    for row in trace:
        if chain and row.started_at - chain[-1].started_at > HOUR:
            yield chain
            chain = []
        chain.append(row)
        if row.status == "success":
            yield chain
            chain = []
    if chain:
        yield chain


def _failed(row: Attempt) -> bool:
    return row.status == "failure" and row.upstream is not False


def _price(row: Attempt) -> Decimal | None:
    if row.provider_cost_usd is not None:
        return row.provider_cost_usd
    return row.litellm_cost_usd if row.status == "success" else None


def _cost(rows: list[Attempt]) -> Decimal | None:
    known = [price for price in map(_price, rows) if price is not None]
    return sum(known, Decimal(0)) if known else None
