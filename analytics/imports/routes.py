"""The HTTP endpoints that take in what others record: LiteLLM's generic_api callback, and OTLP traces."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from analytics.imports.bodies import BAD, BodyError, decoded, read_body
from analytics.imports.litellm_records import of_payload
from analytics.imports.otlp_json import spans_of_json
from analytics.imports.otlp_proto import spans_of_protobuf
from analytics.imports.rejecting import reject
from analytics.imports.running import AHEAD_US
from analytics.imports.spans import of_span
from analytics.imports.values import BadRecordError
from collector.values import mapping
from scalix.errors import SpoolError
from scalix.times import now_us

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from starlette.requests import HTTPConnection, Request

    from analytics.imports.depositing import Depositor
    from scalix.events import AttemptEvent, Event

MOST_RECORDS = 20_000
"""Of one body; LiteLLM sends 512 at once unless told otherwise."""
PROTOBUF = "application/x-protobuf"
TAKEN, TOO_MANY, NOTHING_TAKEN, NO_ROOM = 200, 413, 422, 503
_log = logging.getLogger(__name__)


@dataclass
class Taken:
    """What became of the records of one body."""

    events: list[Event] = field(default_factory=list)
    accepted: int = 0
    passed_over: int = 0
    rejected: int = 0
    reason: str = ""
    """Of the last one rejected."""

    def add(self, source: str, record: object, make: Callable[[Any], AttemptEvent | None]) -> None:
        """Turn one record into an event, or into what the quarantine keeps of it."""
        number = self.accepted + self.passed_over + self.rejected + 1
        try:
            event = make(record)
        except (ValueError, OverflowError, RecursionError) as error:
            self.rejected, self.reason = self.rejected + 1, str(error)
            fields = record if isinstance(record, dict) else None
            self.events.append(reject(source, number, str(error), fields, now_us()))
            return
        if event is None:
            self.passed_over += 1
            return
        self.accepted += 1
        self.events.append(event)


@dataclass(frozen=True)
class IngestApi:
    """What the routes need. ``may_send`` decides by the request's headers alone."""

    may_send: Callable[[HTTPConnection], bool]
    most_bytes: int
    depositor: Depositor

    def routes(self) -> list[Route]:
        """All routes that take in foreign records."""
        return [
            Route("/v1/ingest/litellm", self.litellm, methods=["POST"]),
            Route("/v1/traces", self.traces, methods=["POST"]),
        ]

    async def litellm(self, request: Request) -> Response:
        """A batch of StandardLoggingPayloads: a JSON array, JSON lines, or a single one."""
        return await self._answered(request, self._litellm, _plain_answer)

    async def traces(self, request: Request) -> Response:
        """An ExportTraceServiceRequest of OTLP over HTTP, as Protobuf or JSON."""
        as_protobuf = request.headers.get("content-type", "").partition(";")[0].strip() == PROTOBUF
        read = self._protobuf if as_protobuf else self._json
        return await self._answered(request, read, _protobuf_answer if as_protobuf else _json_answer)

    async def _answered(
        self, request: Request, read: Callable[[bytes], Taken], answer: Callable[[Any], Response]
    ) -> Response:
        if not self.may_send(request):
            return JSONResponse({"error": "a valid token is needed"}, 401, {"WWW-Authenticate": "Bearer"})
        try:
            body = await read_body(request, self.most_bytes)
            taken = await run_in_threadpool(self._kept, read, body)
        except BodyError as error:
            return JSONResponse({"error": str(error)}, error.status)
        except SpoolError as error:
            _log.error("%s", error)
            return JSONResponse({"error": str(error)}, NO_ROOM, {"Retry-After": "5"})
        return answer({"accepted": taken.accepted, "rejected": taken.rejected, "reason": taken.reason})

    def _kept(self, read: Callable[[bytes], Taken], body: bytes) -> Taken:
        """What is answered for is on disk."""
        taken = read(body)
        self.depositor.put(taken.events)
        return taken

    def _litellm(self, body: bytes) -> Taken:
        latest_us = now_us() + AHEAD_US
        taken = Taken()
        for payload in _payloads(body):
            taken.add(_source("litellm"), payload, lambda one: of_payload(_object(one), latest_us=latest_us))
        return taken

    def _protobuf(self, body: bytes) -> Taken:
        return _spans(lambda: spans_of_protobuf(body))

    def _json(self, body: bytes) -> Taken:
        return _spans(lambda: spans_of_json(_object(decoded(body))))


def _spans(read: Callable[[], Iterable[Any]]) -> Taken:
    latest_us = now_us() + AHEAD_US
    taken = Taken()
    try:
        found = _bounded(list(read()))
    except BadRecordError as error:
        raise BodyError(BAD, str(error)) from error
    for span in found:
        taken.add(_source("otlp"), span, lambda one: of_span(one, latest_us=latest_us))
    return taken


def _payloads(body: bytes) -> list[Any]:
    try:
        found = decoded(body)
    except BodyError:
        lines = [line for line in body.splitlines() if line.strip()]
        if len(lines) < 2:  # noqa: PLR2004 - one line is no JSON lines
            raise
        return [decoded(line) for line in _bounded(lines)]
    return _bounded(found) if isinstance(found, list) else [found]


def _bounded(records: list[Any]) -> list[Any]:
    if len(records) > MOST_RECORDS:
        raise BodyError(TOO_MANY, f"{len(records)} records; at most {MOST_RECORDS} at once")
    return records


def _object(record: object) -> Mapping[str, Any]:
    if not isinstance(record, dict):
        raise BadRecordError("not an object")
    return mapping(record)


def _source(endpoint: str) -> str:
    """Told apart by the moment: the tenth record of two bodies is not the same one."""
    return f"http {endpoint} {now_us()}"


def _plain_answer(taken: dict[str, Any]) -> Response:
    """OTLP has its own way to say that spans were rejected, also all of them; here only the status is looked at."""
    return JSONResponse(taken, NOTHING_TAKEN if taken["rejected"] and not taken["accepted"] else TAKEN)


def _json_answer(taken: dict[str, Any]) -> Response:
    partial = {"rejectedSpans": str(taken["rejected"]), "errorMessage": taken["reason"]} if taken["rejected"] else None
    return JSONResponse({"partialSuccess": partial} if partial else {})


def _protobuf_answer(taken: dict[str, Any]) -> Response:
    answer = ExportTraceServiceResponse()
    if taken["rejected"]:
        answer.partial_success.rejected_spans = taken["rejected"]
        answer.partial_success.error_message = taken["reason"]
    return Response(answer.SerializeToString(), media_type=PROTOBUF)
