"""Attempts as OpenTelemetry's GenAI spans and metrics, in OTLP's own messages.

Attribute and metric names are those of the GenAI semantic conventions, all of them in development still. Ids of spans
follow from the attempt, so one that is sent again is the same span. Input tokens include what was cached, output
tokens include reasoning, as the conventions have it.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from typing import TYPE_CHECKING, Any
from uuid import UUID

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.metrics.v1.metrics_pb2 import AggregationTemporality, HistogramDataPoint, Metric
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from analytics.imports.others import OTEL_PROVIDERS
from analytics.pricing.meters import INPUT_CLASSES, OUTPUT_CLASSES
from scalix.release import release

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    Row = Mapping[str, Any]

SCOPE = "scalix"
OPERATIONS: Mapping[str, str] = {
    "embedding": "embeddings",
    "aembedding": "embeddings",
    "text_completion": "text_completion",
    "atext_completion": "text_completion",
    "generate_content": "generate_content",
    "agenerate_content": "generate_content",
}
"""LiteLLM's call types under the conventions' names; all others are chats."""
DURATIONS_S = tuple(0.01 * 2**step for step in range(14))
"""Bucket bounds that the conventions advise, 0.01 to 81.92."""
TOKENS = tuple(4.0**step for step in range(14))
"""The same for tokens, 1 to 67,108,864."""
_PROVIDERS = {name: otel for otel, name in reversed([*OTEL_PROVIDERS.items()])}
_COST = "x_scalix.cost_usd"
_DELTA = AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA


def trace_request(rows: Iterable[Row]) -> ExportTraceServiceRequest:
    """One span for each attempt; its parent is the request that the attempt belongs to."""
    request = ExportTraceServiceRequest()
    of_resource = request.resource_spans.add(resource=_resource())
    scope = of_resource.scope_spans.add()
    scope.scope.name, scope.scope.version = SCOPE, release()
    scope.spans.extend(_span(row) for row in rows)
    return request


def metrics_request(rows: Sequence[Row], since_ns: int, until_ns: int) -> ExportMetricsServiceRequest:
    """Token usage, durations and times to the first chunk of these attempts alone, as deltas over a stretch of time."""
    request = ExportMetricsServiceRequest()
    of_resource = request.resource_metrics.add(resource=_resource())
    scope = of_resource.scope_metrics.add()
    scope.scope.name, scope.scope.version = SCOPE, release()
    for name, unit, bounds, values in (
        ("gen_ai.client.token.usage", "{token}", TOKENS, _token_values(rows)),
        ("gen_ai.client.operation.duration", "s", DURATIONS_S, _seconds(rows, "latency_us")),
        ("gen_ai.client.operation.time_to_first_chunk", "s", DURATIONS_S, _seconds(rows, "ttft_us")),
    ):
        metric = scope.metrics.add(name=name, unit=unit)
        _fill(metric, bounds, values, since_ns, until_ns)
    return request


def span_id(row: Row) -> bytes:
    """Eight bytes that follow from the attempt's identity."""
    identity = f"{row['call_id_text']}@{row['started_us']}"
    return hashlib.blake2b(identity.encode(), digest_size=8).digest()


def _span(row: Row) -> Span:
    operation = _operation(row)
    start_ns = row["started_us"] * 1000
    failed = row["status"] == "failure"
    return Span(
        trace_id=UUID(str(row["request_id"])).bytes,
        span_id=span_id(row),
        name=f"{operation} {row['model'] or 'unknown'}",
        kind=Span.SpanKind.SPAN_KIND_CLIENT,
        start_time_unix_nano=start_ns,
        end_time_unix_nano=start_ns + (row["latency_us"] or 0) * 1000,
        attributes=_attributes(_span_facts(row, operation)),
        status=Status(
            code=Status.StatusCode.STATUS_CODE_ERROR if failed else Status.StatusCode.STATUS_CODE_UNSET,
            message=(row["error_message"] or "") if failed else "",
        ),
    )


def _span_facts(row: Row, operation: str) -> dict[str, Any]:
    ttft_us = row["ttft_us"]
    return {
        **_dimensions(row, operation),
        "gen_ai.response.id": row["response_id"],
        "gen_ai.request.stream": row["streaming"],
        "gen_ai.response.time_to_first_chunk": None if ttft_us is None else ttft_us / 1e6,
        "gen_ai.conversation.id": row["session_id"],
        "gen_ai.usage.input_tokens": _total(row, INPUT_CLASSES),
        "gen_ai.usage.output_tokens": _total(row, OUTPUT_CLASSES),
        "gen_ai.usage.cache_read.input_tokens": row["cache_read_tokens"],
        "gen_ai.usage.cache_creation.input_tokens": _total(row, ("cache_write_5m", "cache_write_1h")),
        "gen_ai.usage.reasoning.output_tokens": row["reasoning_tokens"],
        "user.id": row["user_id"],
        _COST: None if row["cost_usd"] is None else str(row["cost_usd"]),
    }


def _dimensions(row: Row, operation: str) -> dict[str, Any]:
    """What metrics are told apart by, and spans have too."""
    provider = row["provider"]
    return {
        "gen_ai.operation.name": operation,
        "gen_ai.provider.name": _PROVIDERS.get(provider, provider),
        "gen_ai.request.model": row["model"],
        "gen_ai.response.model": row["served_model"],
        "error.type": _error_type(row),
    }


def _operation(row: Row) -> str:
    return OPERATIONS.get(row["call_type"] or "", "chat")


def _error_type(row: Row) -> str | None:
    """The conventions want something of low cardinality: the HTTP status, else the kind."""
    if row["status"] == "success":
        return None
    return str(row["error_code"] or row["error_kind"] or row["status"])


def _total(row: Row, classes: tuple[str, ...]) -> int | None:
    known = [row[f"{name}_tokens"] for name in classes if row[f"{name}_tokens"] is not None]
    return sum(known) if known else None


def _token_values(rows: Sequence[Row]) -> Iterable[tuple[dict[str, Any], float]]:
    for row in rows:
        for kind, classes in (("input", INPUT_CLASSES), ("output", OUTPUT_CLASSES)):
            count = _total(row, classes)
            if count is not None:
                yield {**_dimensions(row, _operation(row)), "gen_ai.token.type": kind}, float(count)


def _seconds(rows: Sequence[Row], column: str) -> Iterable[tuple[dict[str, Any], float]]:
    return ((_dimensions(row, _operation(row)), row[column] / 1e6) for row in rows if row[column] is not None)


def _fill(
    metric: Metric,
    bounds: Sequence[float],
    values: Iterable[tuple[dict[str, Any], float]],
    since_ns: int,
    until_ns: int,
) -> None:
    metric.histogram.aggregation_temporality = _DELTA
    grouped: dict[tuple[tuple[str, Any], ...], list[float]] = defaultdict(list)
    for facts, value in values:
        grouped[tuple(sorted(facts.items()))].append(value)
    for key, found in grouped.items():
        metric.histogram.data_points.append(_point(dict(key), found, bounds, since_ns, until_ns))


def _point(
    facts: dict[str, Any], values: list[float], bounds: Sequence[float], since_ns: int, until_ns: int
) -> HistogramDataPoint:
    counts = [0] * (len(bounds) + 1)
    for value in values:
        counts[next((place for place, bound in enumerate(bounds) if value <= bound), len(bounds))] += 1
    return HistogramDataPoint(
        attributes=_attributes(facts),
        start_time_unix_nano=since_ns,
        time_unix_nano=until_ns,
        count=len(values),
        sum=sum(values),
        min=min(values),
        max=max(values),
        bucket_counts=counts,
        explicit_bounds=bounds,
    )


def _attributes(facts: dict[str, Any]) -> list[KeyValue]:
    """What is unknown has no attribute."""
    return [KeyValue(key=key, value=_value(value)) for key, value in facts.items() if value is not None]


def _value(value: Any) -> AnyValue:
    if isinstance(value, bool):
        return AnyValue(bool_value=value)
    if isinstance(value, int):
        return AnyValue(int_value=value)
    return AnyValue(double_value=value) if isinstance(value, float) else AnyValue(string_value=str(value))


def _resource() -> Resource:
    return Resource(attributes=_attributes({"service.name": "scalix", "service.version": release()}))
