"""The snapshot holds what the ledger says, with the recent past counting more, and budgets that have been reached."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from analytics.budgets.definitions import Budget, Threshold
from analytics.budgets.state import states_of
from analytics.snapshots import HALF_LIFE, HALF_LIFE_ATTEMPTS, publish, take
from scalix import snapshot
from scalix.times import to_us
from tests.attempt_rows import NOON, Attempt, failure, record

if TYPE_CHECKING:
    from scalix.store.ledger import Ledger

NOW_US = to_us(NOON)


def test_recent_attempts_count_more(ledger: Ledger) -> None:
    recent, older = NOON - timedelta(microseconds=1), NOON - HALF_LIFE
    record(
        ledger,
        [
            Attempt(recent, deployment_id="a", litellm_cost_usd=Decimal("0.04"), latency_us=2_000_000),
            Attempt(older, deployment_id="a", litellm_cost_usd=Decimal("0.01"), latency_us=500_000),
            failure(started_at=older - timedelta(microseconds=1), deployment_id="a", latency_us=30_000_000),
            failure(started_at=recent, deployment_id="a", error_kind="bad_request"),
        ],
    )
    stats = take(ledger, [], now_us=NOW_US).deployments["a"]
    second, third = (0.5 ** (1 + newer / HALF_LIFE_ATTEMPTS) for newer in (1, 2))
    assert stats.successes == pytest.approx(1 + second)
    assert stats.failures == pytest.approx(third)
    assert stats.cost_usd == pytest.approx((0.04 + 0.01 * second) / (1 + second))
    assert stats.latency_s == pytest.approx((2.0 + 0.5 * second) / (1 + second))
    assert stats.failure_s == pytest.approx(30.0)


def test_an_unknown_cost_stays_unknown(ledger: Ledger) -> None:
    record(ledger, [Attempt(NOON - timedelta(minutes=1), deployment_id="a", litellm_cost_usd=None)])
    assert take(ledger, [], now_us=NOW_US).deployments["a"].cost_usd is None


def test_only_budgets_that_ask_for_more_than_a_warning_are_published(ledger: Ledger) -> None:
    record(ledger, [Attempt(NOON - timedelta(minutes=1), litellm_cost_usd=Decimal("0.9"))])
    reached = {"warned": Threshold(50), "degraded": Threshold(50, "degrade"), "blocked": Threshold(90, "block")}
    budgets = [
        Budget(name=name, amount_usd=Decimal(1), thresholds=(threshold, Threshold(99, "block")))
        for name, threshold in reached.items()
    ]
    states = states_of(budgets, ledger, NOON)
    limits = {limit.name: limit.action for limit in take(ledger, states, now_us=NOW_US).budgets}
    assert limits == {"blocked": "block", "degraded": "degrade"}


def test_it_is_published_whole_and_private(ledger: Ledger) -> None:
    record(ledger, [Attempt(NOON - timedelta(minutes=1), deployment_id="a")])
    assert publish(ledger, [], ledger.folder, now_us=NOW_US) == 1
    found = snapshot.read(ledger.folder.snapshot)
    assert found is not None
    assert list(found.deployments) == ["a"]
    assert (ledger.folder.snapshot / snapshot.FILE_NAME).stat().st_mode & 0o777 == 0o600
