"""OTLP's JSON: spans out of a request, or out of a file that a collector wrote, a request to a line.

Ids are hexadecimal and 64-bit numbers may be text, which is not what Protobuf's own JSON does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analytics.imports.spans import Span, of_span
from analytics.imports.values import BadRecordError
from collector.values import mapping

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from scalix.events import AttemptEvent

_DEEPEST = 4


def events_of_file_record(fields: Mapping[str, Any], *, latest_us: int) -> list[AttemptEvent]:
    """The calls in one request, or in one of its ``resourceSpans``. Raises BadRecordError for the first bad span."""
    request = fields if "resourceSpans" in fields else {"resourceSpans": [fields]}
    if not isinstance(request["resourceSpans"], list) or not ("scopeSpans" in fields or "resourceSpans" in fields):
        raise BadRecordError("no resourceSpans: this is no OTLP JSON")
    made = (of_span(span, latest_us=latest_us) for span in spans_of_json(request))
    return [event for event in made if event is not None]


def spans_of_json(request: Mapping[str, Any]) -> Iterator[Span]:
    """All spans of an ExportTraceServiceRequest in JSON. Raises BadRecordError for what is none."""
    for of_resource in _list(request, "resourceSpans"):
        resource = _attributes(mapping(of_resource.get("resource")))
        for of_scope in _list(of_resource, "scopeSpans"):
            for span in _list(of_scope, "spans"):
                yield _span(span, resource)


def _span(span: Mapping[str, Any], resource: dict[str, Any]) -> Span:
    status = mapping(span.get("status"))
    code = status.get("code")
    return Span(
        trace_id=str(span.get("traceId") or ""),
        span_id=str(span.get("spanId") or ""),
        start_ns=_integer(span, "startTimeUnixNano"),
        end_ns=_integer(span, "endTimeUnixNano"),
        attributes=_attributes(span),
        resource=resource,
        status={"STATUS_CODE_ERROR": 2, 2: 2}.get(code, 0) if isinstance(code, str | int) else 0,
        message=str(status.get("message") or ""),
    )


def _integer(span: Mapping[str, Any], name: str) -> int:
    try:
        return int(str(span[name])[:20])
    except (KeyError, ValueError):
        raise BadRecordError(f"{name} is missing or no number") from None


def _attributes(holder: Mapping[str, Any]) -> dict[str, Any]:
    found = _list(holder, "attributes")
    return {str(one.get("key")): _value(mapping(one.get("value")), 0) for one in found}


def _value(value: Mapping[str, Any], depth: int) -> Any:
    if depth > _DEEPEST:
        return None
    if "intValue" in value:
        try:
            return int(str(value["intValue"])[:20])
        except ValueError:
            return None
    for name in ("stringValue", "boolValue", "doubleValue"):
        if name in value:
            return value[name]
    if "arrayValue" in value:
        return [_value(mapping(one), depth + 1) for one in mapping(value["arrayValue"]).get("values") or ()]
    return None


def _list(holder: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = holder.get(name) or []
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise BadRecordError(f"{name} is no list of objects")
    return found
