"""The HTTP routes of the hub: health, figures, SQL, the spool of other machines. Handlers hand all work to threads."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from analytics import health, metrics
from analytics.asking.api import SqlEndpoint
from analytics.bodies import whole_body
from analytics.intake.receiving import OffsetError, Receiver
from analytics.integrity.lake import check_lake
from analytics.integrity.ledger import check_ledger
from scalix.errors import SpoolError, StoreError
from scalix.times import MICROSECONDS, now_us

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import HTTPConnection, Request

    from analytics.health import Progress
    from scalix.folder import Folder
    from scalix.store.control import ControlStore
    from scalix.store.ledger import Ledger


@dataclass(frozen=True)
class Api:
    """What the routes need. The two questions decide by the request's headers alone."""

    ledger: Ledger
    control: ControlStore
    folder: Folder
    progress: Progress
    receiver: Receiver
    may_read: Callable[[HTTPConnection], bool]
    may_send: Callable[[HTTPConnection], bool]
    most_bytes: int
    _sql: SqlEndpoint = field(default_factory=SqlEndpoint)

    def routes(self) -> list[Route]:
        """All routes of the API."""
        return [
            Route("/healthz", self.alive),
            Route("/v1/health", self.health),
            Route("/metrics", self.metrics),
            Route("/v1/metrics", self.metrics),
            Route("/v1/check", self.check, methods=["POST"]),
            Route("/v1/sql", self.sql, methods=["POST"]),
            Route("/v1/ingest/segments/{name}", self.receive, methods=["POST"]),
        ]

    async def alive(self, _request: Request) -> Response:
        """Whether ingest is running, for probes: 200 or 503. Tells nothing that needs protection."""
        last = self.progress.last_ingest_us
        idle_s = None if last is None else (now_us() - last) / MICROSECONDS
        ready = idle_s is not None and idle_s < health.STALLED_S
        answer = {
            "status": "ok" if ready else "starting" if last is None else "stalled",
            "last_ingest_s": idle_s,
            "lag_bytes": self.progress.lag_bytes,
        }
        return JSONResponse(answer, 200 if ready else 503)

    async def health(self, request: Request) -> Response:
        """Everything that `scalix doctor` shows."""
        if not self.may_read(request):
            return _refused()
        try:
            found = await run_in_threadpool(health.of_hub, self.ledger, self.folder, self.progress)
        except StoreError as error:
            return JSONResponse({"error": str(error)}, 503)
        return Response(json.dumps(found.as_dict(), default=str), media_type="application/json")

    async def metrics(self, request: Request) -> Response:
        """The ledger in figures, for Prometheus."""
        if not self.may_read(request):
            return _refused()
        try:
            text = await run_in_threadpool(metrics.exposition, self.ledger, self.control)
        except StoreError as error:
            return JSONResponse({"error": str(error)}, 503)
        return Response(text, media_type=CONTENT_TYPE_LATEST)

    async def check(self, request: Request) -> Response:
        """Ledger and lake read in full, for `scalix check` while the hub holds them."""
        if not self.may_read(request):
            return _refused()
        return await run_in_threadpool(self._checked)

    def _checked(self) -> Response:
        found = [check_ledger(self.ledger), check_lake(self.folder, self.ledger)]
        return JSONResponse([one.as_dict() for one in found])

    async def sql(self, request: Request) -> Response:
        """Answers a query of people over the lake."""
        return await self._sql(request) if self.may_read(request) else _refused()

    async def receive(self, request: Request) -> Response:
        """Bytes of a segment from ``offset`` on; ``final=1`` with the last. Answers the size received so far."""
        if not self.may_send(request):
            return _refused()
        offset = request.query_params.get("offset", "")
        if not (offset.isascii() and offset.isdigit() and len(offset) < 16):  # noqa: PLR2004 - petabytes
            return JSONResponse({"error": "offset must be a number of bytes"}, 400)
        data = await whole_body(request, self.most_bytes)
        if data is None:
            return JSONResponse({"error": f"at most {self.most_bytes} bytes at once"}, 413)
        final = request.query_params.get("final") == "1"
        return await run_in_threadpool(self._received, request.path_params["name"], int(offset), data, final)

    def _received(self, name: str, offset: int, data: bytes, final: bool) -> Response:
        try:
            return JSONResponse({"size": self.receiver.append(name, offset, data, final=final)})
        except OffsetError as error:
            return JSONResponse({"error": str(error), "size": error.size}, 409)
        except SpoolError as error:
            return JSONResponse({"error": str(error)}, 422)
        except OSError as error:
            return JSONResponse({"error": f"cannot be kept: {error.strerror}"}, 507)


def _refused() -> Response:
    return JSONResponse({"error": "a valid token is needed"}, 401, {"WWW-Authenticate": "Bearer"})
