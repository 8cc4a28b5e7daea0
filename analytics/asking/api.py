"""``POST /v1/sql``: a query in, an Arrow IPC stream, CSV or JSON lines out, as it is found."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Final

import anyio
import anyio.to_thread
import msgspec
from starlette.responses import JSONResponse, StreamingResponse
from typing_extensions import override

from analytics.asking.desk import readers_here
from analytics.bodies import whole_body
from scalix.errors import StoreError
from scalix.store.readers.pool import MOST_WAITING, Answer, BusyError
from scalix.store.readers.reader import AskError
from scalix.store.readers.wire import Form, Question

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import Receive, Scope, Send

MEDIA_TYPES: Final[dict[Form, str]] = {
    "arrow": "application/vnd.apache.arrow.stream",
    "csv": "text/csv",
    "jsonl": "application/x-ndjson",
}
MOST_BODY = 1 << 20
_AT_WORK = 4 * MOST_WAITING
_STATUS = {"refused": 400, "invalid": 400, "large": 422, "memory": 422, "time": 422, "broken": 503}


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of a request. Without ``format`` the Accept header decides, else it is Arrow."""

    query: str
    parameters: dict[str, Any] = {}
    format: Form | None = None
    rows: Annotated[int, msgspec.Meta(ge=0)] | None = None


class SqlEndpoint:
    """The handler. Threads of its own wait for readers, so that queries never keep other requests waiting."""

    def __init__(self) -> None:
        """The threads start when they are needed."""
        self._threads: anyio.CapacityLimiter | None = None

    async def __call__(self, request: Request) -> Response:
        """Answer one query: 400 for a query that may not or cannot be run, 422 for one beyond its limits."""
        if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
            return JSONResponse({"error": "send JSON, as Content-Type: application/json"}, 415)
        body = await whole_body(request, MOST_BODY)
        if body is None:
            return JSONResponse({"error": f"at most {MOST_BODY} bytes"}, 413)
        try:
            asked = msgspec.json.decode(body, type=Asked)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            return JSONResponse({"error": f"the body is not as it should be: {error}"}, 400)
        form = asked.format or _accepted(request.headers.get("accept", ""))
        return await self._answered(Question(asked.query, asked.parameters, form, asked.rows))

    async def _answered(self, question: Question) -> Response:
        try:
            answer = await self._in_thread(partial(readers_here().ask, question))
        except BusyError as error:
            return JSONResponse({"error": str(error)}, 503, {"Retry-After": "5"})
        except AskError as error:
            return JSONResponse({"error": str(error), "reason": error.sort}, _STATUS[error.sort])
        except StoreError as error:
            return JSONResponse({"error": str(error)}, 503)
        return _Streamed(answer, self._pieces(answer), media_type=MEDIA_TYPES[question.form])

    async def _pieces(self, answer: Answer) -> AsyncIterator[bytes]:
        """An answer that breaks off breaks the connection: nobody takes a part of it for the whole."""
        while (piece := await self._in_thread(answer.piece)) is not None:
            yield piece

    async def _in_thread(self, function: Any) -> Any:
        if self._threads is None:
            self._threads = anyio.CapacityLimiter(_AT_WORK)
        return await anyio.to_thread.run_sync(function, limiter=self._threads)


class _Streamed(StreamingResponse):
    """Lets go of the reader however the response ends; a client that leaves closes no generator."""

    def __init__(self, answer: Answer, pieces: AsyncIterator[bytes], *, media_type: str) -> None:
        super().__init__(pieces, media_type=media_type)
        self._answer = answer

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._answer.close()


def _accepted(header: str) -> Form:
    wanted = [part.partition(";")[0].strip() for part in header.split(",")]
    return next((form for form, media_type in MEDIA_TYPES.items() if media_type in wanted), "arrow")
