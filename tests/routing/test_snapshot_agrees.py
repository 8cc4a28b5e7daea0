"""The hub's statistics and a process' own record say the same of the same attempts."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from analytics import snapshots
from routing import evidence
from routing.evidence import Answer, Evidence, share_beyond
from scalix.folder import Folder
from scalix.store.ledger import Ledger
from scalix.times import to_us
from tests.attempt_rows import Attempt, after_noon, failure, record

if TYPE_CHECKING:
    from pathlib import Path

    from scalix.snapshot import DeploymentStats


def taken(folder: Path, attempts: list[Attempt], seconds: float) -> DeploymentStats:
    ledger = Ledger.open(Folder(folder))
    try:
        record(ledger, attempts)
        made = snapshots.take(ledger, (), now_us=to_us(after_noon(seconds=seconds)))
    finally:
        ledger.close()
    return made.deployments["one"]


def test_the_same_attempts_weigh_the_same(tmp_path: Path) -> None:
    own, rows = Evidence(), []
    for number in range(300):
        at = number * 20.0
        latency_s = 1.0 + number % 7 / 4
        if number % 11 == 0:
            rows.append(failure(deployment_id="one", started_at=after_noon(seconds=at), latency_us=500_000))
            own.failed(at, 0.5)
        else:
            rows.append(
                Attempt(
                    deployment_id="one",
                    started_at=after_noon(seconds=at),
                    latency_us=round(latency_s * 1e6),
                    input_tokens=60,
                    cache_read_tokens=40,
                    output_tokens=number % 5,
                )
            )
            own.answered(Answer(latency_s=latency_s, input_tokens=100, cached_tokens=40, output_tokens=number % 5), at)
    stats = taken(tmp_path, rows, 299 * 20.0 + 0.001)
    assert stats.successes == pytest.approx(own.successes, rel=1e-3)
    assert stats.failures == pytest.approx(own.failures, rel=1e-3)
    assert stats.latency_s == pytest.approx(own.latency.mean)
    assert stats.latency_p95_s == pytest.approx(own.latency.p95)
    assert stats.failure_s == pytest.approx(own.failing.mean)
    assert stats.cache_share == pytest.approx(0.4)
    assert stats.output_tokens == pytest.approx(own.output_tokens / own.metered)


def test_discounts_are_what_was_paid_to_what_litellm_lists(tmp_path: Path) -> None:
    row = Attempt(
        deployment_id="one",
        started_at=after_noon(seconds=1),
        litellm_cost_usd=Decimal("0.010"),
        provider_cost_usd=Decimal("0.007"),
    )
    assert taken(tmp_path, [row], 2.0).discount == pytest.approx(0.7)


def test_rate_limits_are_not_held_against_a_deployment(tmp_path: Path) -> None:
    limited = failure(deployment_id="one", started_at=after_noon(seconds=1), error_kind="rate_limit")
    stats = taken(tmp_path, [limited, Attempt(deployment_id="one", started_at=after_noon(seconds=1))], 2.0)
    assert stats.failures == 0


def test_both_read_the_same_constants() -> None:
    assert timedelta(seconds=evidence.HALF_LIFE_S) == snapshots.HALF_LIFE
    assert snapshots.HALF_LIFE_ATTEMPTS == evidence.HALF_LIFE_ATTEMPTS
    assert snapshots.FEWEST_FOR_SPREAD == evidence.FEWEST_FOR_SPREAD


def test_what_lies_beyond_a_limit_follows_from_two_percentiles() -> None:
    assert share_beyond(4.0, 1.0, 4.0) == pytest.approx(0.05, abs=1e-4)
    assert share_beyond(1.0, 1.0, 4.0) == pytest.approx(0.5)
    assert share_beyond(2.0, 3.0, 3.0) == 1.0
