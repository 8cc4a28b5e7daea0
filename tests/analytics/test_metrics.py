"""What Prometheus is told: parsed by its own parser, bounded in its labels, and equal to what the ledger says."""

from __future__ import annotations

from contextlib import closing
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from prometheus_client.parser import text_string_to_metric_families

from analytics import metrics
from analytics.budgets.definitions import Budget
from analytics.budgets.shelf import keep
from analytics.rollups.refresh import refresh_rollups
from scalix.folder import Folder
from scalix.store.control import ControlStore
from scalix.times import now, now_us
from tests.attempt_rows import Attempt, failure, record

if TYPE_CHECKING:
    from pathlib import Path

    from scalix.store.ledger import Ledger

LATENCIES_US = (80_000, 400_000, 30_000_000)
NASTY = 'a "quoted" \\ name\nwith a newline'


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


def test_tokens_and_latencies_under_both_names(ledger: Ledger) -> None:
    attempts = [Attempt(model="m", latency_us=us, cache_read_tokens=7, reasoning_tokens=2) for us in LATENCIES_US]
    record(ledger, [*attempts, Attempt(model="m", latency_us=60_000, ttft_us=40_000)])
    refresh_rollups(ledger, now_us=0)
    families = {family.name: family for family in text_string_to_metric_families(metrics.exposition(ledger).decode())}
    by_class = {one.labels["class"]: one.value for one in families["scalix_tokens"].samples}
    calls = len(attempts) + 1
    expected = {
        "input": 10 * calls,
        "cache_read": 7 * len(attempts),
        "output": 5 * calls,
        "reasoning": 2 * len(attempts),
    }
    assert {name: count for name, count in by_class.items() if count} == expected
    (given,) = families["litellm_input_tokens_metric"].samples
    assert given.value == 10 * calls + 7 * len(attempts)
    for name in ("scalix_latency_seconds", "litellm_llm_api_latency_metric"):
        buckets = {one.labels["le"]: one.value for one in families[name].samples if one.name.endswith("_bucket")}
        assert (buckets["0.05"], buckets["0.1"], buckets["1.0"], buckets["+Inf"]) == (0, 2, 3, 4)
        (total,) = (one.value for one in families[name].samples if one.name.endswith("_sum"))
        assert total == pytest.approx(sum(LATENCIES_US) / 1e6 + 0.06)
    first = families["litellm_llm_api_time_to_first_token_metric"].samples
    assert next(one.value for one in first if one.name.endswith("_count")) == 1


def test_budgets_are_told_with_what_was_spent(ledger: Ledger, tmp_path: Path) -> None:
    with closing(ControlStore.in_folder(Folder(tmp_path))) as control:
        keep(control, tmp_path / "spool", Budget(name="all", amount_usd=Decimal(5)), reason=None, replace=False)
        record(ledger, [Attempt(started_at=now(), litellm_cost_usd=Decimal("0.25"))])
        refresh_rollups(ledger, now_us=now_us())
        text = metrics.exposition(ledger, control).decode()
    assert 'scalix_budget_amount_usd{budget="all"} 5.0' in text
    assert 'scalix_budget_spent_usd{budget="all"} 0.25' in text
