"""The ledger in figures for Prometheus. Labels are bounded: provider, model, outcome, token class, budget.

Beside our own names stand those that LiteLLM's exporter made familiar, with the same meaning: an attempt for each
request of a deployment, cached tokens within the input, reasoning within the output.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector
from typing_extensions import override

from analytics.budgets.shelf import all_budgets
from analytics.budgets.state import states_of
from analytics.pricing.meters import INPUT_CLASSES, OUTPUT_CLASSES, TOKEN_CLASSES
from analytics.reading import Readable, ledger_here
from analytics.rollups.bins import GAMMA
from scalix.store import sqlfiles
from scalix.times import now

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from prometheus_client.metrics_core import Metric

    from analytics.budgets.state import BudgetState
    from scalix.store.control import ControlStore

    Row = Mapping[str, Any]

MOST_MODELS = 200
"""Models told apart; all further ones are one."""
MOST_BUDGETS = 200
LABELS = ("provider", "model")
BUCKETS_S = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 320.0)
"""Upper bounds of the buckets. Values are known to 1 %, so one near a bound may count on its other side."""
_OUTCOMES = ("success", "failure", "given_up")
_COUNTERS = {
    "scalix_provider_errors": ("Attempts that failed at the provider.", ("provider_errors",)),
    "scalix_cost_usd": ("Known cost in US dollars.", ("cost_usd",)),
    "scalix_unpriced_attempts": ("Attempts that used tokens at a cost that nobody knows.", ("unpriced",)),
    "litellm_spend_metric": ("Known cost, under LiteLLM's name.", ("cost_usd",)),
    "litellm_requests_metric": ("Attempts, under LiteLLM's name.", _OUTCOMES),
    "litellm_deployment_total_requests": ("Attempts, under LiteLLM's name.", _OUTCOMES),
    "litellm_deployment_success_responses": ("Successful attempts, under LiteLLM's name.", ("success",)),
    "litellm_deployment_failure_responses": ("Failed attempts, under LiteLLM's name.", ("failure",)),
}
"""Of a model: what it is, and the columns that are added up for it."""
_TOKENS = {
    "litellm_input_tokens_metric": ("Input tokens, under LiteLLM's name.", INPUT_CLASSES),
    "litellm_output_tokens_metric": ("Output tokens, under LiteLLM's name.", OUTPUT_CLASSES),
    "litellm_total_tokens_metric": ("All tokens, under LiteLLM's name.", TOKEN_CLASSES),
}
_HISTOGRAMS = {
    "scalix_latency_seconds": ("Latency of successful attempts.", "latency"),
    "litellm_llm_api_latency_metric": ("Latency of successful attempts, under LiteLLM's name.", "latency"),
    "scalix_time_to_first_token_seconds": ("Time to the first token of streams.", "ttft"),
    "litellm_llm_api_time_to_first_token_metric": ("Time to the first token, under LiteLLM's name.", "ttft"),
}


@dataclass(frozen=True, eq=False)
class _Rows(Collector):
    models: Sequence[Row]
    tokens: Sequence[Row]
    bins: Sequence[Row]
    budgets: list[BudgetState] = field(default_factory=list)

    @override
    def collect(self) -> Iterator[Metric]:
        yield from (_counter(name, text, self.models, columns) for name, (text, columns) in _COUNTERS.items())
        yield from (_counter(name, text, self.tokens, classes) for name, (text, classes) in _TOKENS.items())
        yield _by("scalix_attempts", "Attempts by how they ended.", self.models, "outcome", _OUTCOMES)
        yield _by("scalix_tokens", "Tokens by class; the classes are disjoint.", self.tokens, "class", TOKEN_CLASSES)
        yield from self._histograms()
        yield from self._budgets()

    def _histograms(self) -> Iterator[Metric]:
        counts: dict[tuple[str, str, str], list[tuple[int, int]]] = defaultdict(list)
        for row in self.bins:
            counts[row["what"], row["provider"], row["model"]].append((row["bin"], row["count"]))
        sums = {(row["provider"], row["model"]): row for row in self.models}
        for name, (text, what) in _HISTOGRAMS.items():
            family = HistogramMetricFamily(name, text, labels=LABELS)
            for (kind, *model), bins in counts.items():
                if kind == what:
                    family.add_metric(model, _buckets(bins), sums[model[0], model[1]][f"{what}_s"])
            yield family

    def _budgets(self) -> Iterator[Metric]:
        amount = GaugeMetricFamily("scalix_budget_amount_usd", "What a budget allows in its window.", labels=["budget"])
        spent = GaugeMetricFamily("scalix_budget_spent_usd", "Known spending in the window so far.", labels=["budget"])
        for state in self.budgets:
            amount.add_metric([state.budget.name], float(state.budget.amount_usd))
            spent.add_metric([state.budget.name], float(state.spent_usd))
        yield from (amount, spent)


def exposition(ledger: Readable | None = None, control: ControlStore | None = None) -> bytes:
    """All metrics in Prometheus' text format, summed over rollups; repricing may lower a cost. Raises StoreError."""
    source = ledger or ledger_here()
    models, tokens, bins = (
        source.read(sqlfiles.text(f"metrics/{name}"), {"most": MOST_MODELS}).to_dicts()
        for name in ("by_model", "tokens", "histograms")
    )
    budgets = all_budgets(control)[:MOST_BUDGETS] if control else []
    registry = CollectorRegistry()
    registry.register(_Rows(models, tokens, bins, states_of(budgets, source, now()) if budgets else []))
    return generate_latest(registry)


def _counter(name: str, text: str, rows: Sequence[Row], columns: tuple[str, ...]) -> Metric:
    counter = CounterMetricFamily(name, text, labels=LABELS)
    for row in rows:
        counter.add_metric([row[label] for label in LABELS], float(sum(row[column] for column in columns)))
    return counter


def _by(name: str, text: str, rows: Sequence[Row], label: str, columns: tuple[str, ...]) -> Metric:
    """One sample for each column of a row."""
    counter = CounterMetricFamily(name, text, labels=(*LABELS, label))
    for row in rows:
        for column in columns:
            counter.add_metric([row["provider"], row["model"], column], row[column])
    return counter


def _buckets(bins: list[tuple[int, int]]) -> list[tuple[str, float]]:
    """Counts up to each bound; bins are of microseconds, and end at a power of ``GAMMA``."""
    bounds = [(str(bound), sum(count for number, count in bins if GAMMA**number <= bound * 1e6)) for bound in BUCKETS_S]
    return [*bounds, ("+Inf", sum(count for _, count in bins))]
