"""What Prometheus is told: parsed by its own parser, bounded in its labels, and equal to what the ledger says."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from prometheus_client.parser import text_string_to_metric_families

from analytics import metrics
from analytics.rollups.refresh import refresh_rollups
from scalix.folder import Folder
from scalix.store.ledger import Ledger
from tests.attempt_rows import Attempt, failure, record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NASTY = 'a "quoted" \\ name\nwith a newline'


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = Ledger.open(Folder(tmp_path))
    yield opened
    opened.close()


def samples(ledger: Ledger) -> dict[tuple[str, str, str | None], float]:
    refresh_rollups(ledger, now_us=0)
    return {
        (sample.name, sample.labels["model"], sample.labels.get("outcome")): sample.value
        for family in text_string_to_metric_families(metrics.exposition(ledger).decode())
        for sample in family.samples
    }


def test_figures_are_those_of_the_ledger(ledger: Ledger) -> None:
    cost = Decimal("0.25")
    record(ledger, [Attempt(model=NASTY, litellm_cost_usd=cost, latency_us=500_000), failure(model=NASTY)])
    record(ledger, [Attempt(model="unknown", litellm_cost_usd=None)])
    found = samples(ledger)
    assert found["scalix_attempts_total", NASTY, "success"] == 1
    assert found["scalix_attempts_total", NASTY, "failure"] == 1
    assert found["scalix_cost_usd_total", NASTY, None] == found["litellm_spend_metric_total", NASTY, None] == 0.25
    assert (found["scalix_latency_seconds_sum", NASTY, None], found["scalix_latency_seconds_count", NASTY, None]) == (
        0.5,
        1,
    )
    assert found["scalix_unpriced_attempts_total", "unknown", None] == 1
    assert found["litellm_requests_metric_total", NASTY, None] == 2


def test_models_beyond_the_busiest_are_one(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "MOST_MODELS", 2)
    record(ledger, [Attempt(model=f"m{number}") for number in range(6) for _ in range(number)])
    found = samples(ledger)
    models = {model for _, model, _ in found}
    assert models == {"m5", "m4", "other"}
    assert found["litellm_requests_metric_total", "other", None] == 6


def test_an_empty_ledger_has_metrics_without_samples(ledger: Ledger) -> None:
    assert samples(ledger) == {}
