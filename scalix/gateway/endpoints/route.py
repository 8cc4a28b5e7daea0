"""One endpoint: its path, who may use it, and the function that answers. Functions run in threads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from scalix.errors import NotThereError, ScalixError, SettingsError
from scalix.gateway import answers
from scalix.gateway.desk import Desk, Who

if TYPE_CHECKING:
    from starlette.requests import Request

MOST_BYTES = 2**20
Handler = Callable[[Desk, Who, dict[str, Any]], Any]
"""Is given the query's and the body's fields, those in the path among them. Returns what becomes the JSON answer."""


class Scope(Enum):
    """Who may use an endpoint."""

    OPEN = "everybody"
    HOLDER = "holders of a key, for what is theirs, and the admin"
    TEAM = "admins of a team, for their team, and the admin"
    ADMIN = "the admin"


class ForbiddenError(ScalixError):
    """Whoever asks may not do that."""


@dataclass(frozen=True)
class Endpoint:
    """``path`` as Starlette writes it."""

    method: str
    path: str
    scope: Scope
    handler: Handler

    def route(self, desk: Desk) -> Route:
        """To be served."""

        async def answer(request: Request) -> Response:
            try:
                return await self._answer(desk, request)
            except ForbiddenError as error:
                return answers.refused(403, str(error))
            except NotThereError as error:
                return answers.refused(404, str(error))
            except SettingsError as error:
                return answers.refused(400, str(error))
            except ScalixError as error:
                return answers.refused(503, str(error))

        return Route(self.path, answer, methods=[self.method])

    async def _answer(self, desk: Desk, request: Request) -> Response:
        who = Who() if self.scope is Scope.OPEN else await run_in_threadpool(desk.who, request)
        if self.scope is not Scope.OPEN and not who.admin and who.caller is None:
            return answers.unknown_key()
        allowed = {Scope.ADMIN: who.admin, Scope.TEAM: who.admin or who.manages is not None}
        if not allowed.get(self.scope, True):
            return answers.refused(403, f"this is for {self.scope.value}")
        fields = {**request.query_params, **await _body(request), **request.path_params}
        answer = await run_in_threadpool(self.handler, desk, who, fields)
        return answer if isinstance(answer, Response) else JSONResponse(answer)


async def _body(request: Request) -> dict[str, Any]:
    """The body as an object. Raises SettingsError."""
    if request.method == "GET":
        return {}
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_BYTES:
            raise SettingsError(f"a request may have up to {MOST_BYTES} bytes")
    try:
        return msgspec.json.decode(bytes(body) or b"{}", type=dict[str, Any])
    except (msgspec.MsgspecError, RecursionError) as error:
        raise SettingsError(f"the body is no JSON object: {error}") from error
