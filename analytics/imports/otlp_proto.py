"""OTLP's Protobuf: spans out of an ExportTraceServiceRequest, and the answer to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from analytics.imports.spans import Span
from analytics.imports.values import BadRecordError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue


def spans_of_protobuf(body: bytes) -> Iterator[Span]:
    """All spans of a request. Raises BadRecordError when the bytes are none."""
    try:
        request = ExportTraceServiceRequest.FromString(body)
    except DecodeError as error:
        raise BadRecordError(f"not an ExportTraceServiceRequest: {error}") from error
    for of_resource in request.resource_spans:
        resource = _attributes(of_resource.resource.attributes)
        for of_scope in of_resource.scope_spans:
            for span in of_scope.spans:
                yield Span(
                    trace_id=span.trace_id.hex(),
                    span_id=span.span_id.hex(),
                    start_ns=span.start_time_unix_nano,
                    end_ns=span.end_time_unix_nano,
                    attributes=_attributes(span.attributes),
                    resource=resource,
                    status=span.status.code,
                    message=span.status.message,
                )


def _attributes(found: Iterable[KeyValue]) -> dict[str, Any]:
    return {one.key: _value(one.value) for one in found}


def _value(value: AnyValue) -> Any:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [_value(one) for one in value.array_value.values]
    return getattr(value, kind) if kind in {"string_value", "bool_value", "int_value", "double_value"} else None
