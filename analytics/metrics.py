"""The ledger in figures for Prometheus. Labels are bounded: provider, model and outcome.

Beside our own names stand two that LiteLLM's exporter made familiar, with the same meaning.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, SummaryMetricFamily
from prometheus_client.registry import Collector
from typing_extensions import override

from analytics.reading import Readable, ledger_here
from scalix.store import sqlfiles

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from prometheus_client.metrics_core import Metric

MOST_MODELS = 200
"""Models told apart; all further ones are one."""
LABELS = ("provider", "model")
_OUTCOMES = ("success", "failure", "given_up")
_COUNTERS = {
    "scalix_provider_errors": ("Attempts that failed at the provider.", "provider_errors"),
    "scalix_cost_usd": ("Known cost in US dollars.", "cost_usd"),
    "scalix_unpriced_attempts": ("Attempts that used tokens at a cost that nobody knows.", "unpriced"),
    "litellm_spend_metric": ("Known cost, under LiteLLM's name.", "cost_usd"),
}


@dataclass(frozen=True, eq=False)
class _Rows(Collector):
    rows: list[dict[str, Any]]

    @override
    def collect(self) -> Iterator[Metric]:
        for name, (text, column) in _COUNTERS.items():
            counter = CounterMetricFamily(name, text, labels=LABELS)
            for row in self.rows:
                counter.add_metric([row[label] for label in LABELS], float(row[column]))
            yield counter
        yield from (self._attempts(), self._requests(), self._latency())

    def _attempts(self) -> Metric:
        counter = CounterMetricFamily("scalix_attempts", "Attempts by how they ended.", labels=(*LABELS, "outcome"))
        for row in self.rows:
            for outcome in _OUTCOMES:
                counter.add_metric([row["provider"], row["model"], outcome], row[outcome])
        return counter

    def _requests(self) -> Metric:
        counter = CounterMetricFamily("litellm_requests_metric", "Attempts, under LiteLLM's name.", labels=LABELS)
        for row in self.rows:
            counter.add_metric([row["provider"], row["model"]], sum(row[outcome] for outcome in _OUTCOMES))
        return counter

    def _latency(self) -> Metric:
        summary = SummaryMetricFamily("scalix_latency_seconds", "Latency of successful attempts.", labels=LABELS)
        for row in self.rows:
            summary.add_metric([row["provider"], row["model"]], row["latency_count"], row["latency_s"])
        return summary


def exposition(ledger: Readable | None = None) -> bytes:
    """All metrics in Prometheus' text format, summed over rollups; repricing may lower a cost. Raises StoreError."""
    rows = (ledger or ledger_here()).read(sqlfiles.text("metrics/by_model"), {"most": MOST_MODELS}).to_dicts()
    registry = CollectorRegistry()
    registry.register(_Rows(rows))
    return generate_latest(registry)
