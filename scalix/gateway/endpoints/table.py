"""All endpoints, and the application that serves them and shuts everything else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.routing import Match, Router

from scalix.errors import ScalixError
from scalix.gateway import answers
from scalix.gateway.endpoints import app, budgets, health, keys, models, spend, teams, users

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import Receive, Scope, Send

    from scalix.gateway.desk import Desk

ENDPOINTS = (
    *keys.ENDPOINTS,
    *users.ENDPOINTS,
    *teams.ENDPOINTS,
    *budgets.ENDPOINTS,
    *spend.ENDPOINTS,
    *models.ENDPOINTS,
    *app.ENDPOINTS,
    *health.ENDPOINTS,
)


class Application:
    """An ASGI application. Whoever has no key is told so before they learn what is there."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._router = Router([endpoint.route(desk) for endpoint in ENDPOINTS])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if any(route.matches(scope)[0] is Match.FULL for route in self._router.routes):
            await self._router(scope, receive, send)
        else:
            answer = await self._nothing(Request(scope, receive))
            await answer(scope, receive, send)

    async def _nothing(self, request: Request) -> Response:
        try:
            who = await run_in_threadpool(self._desk.who, request)
        except ScalixError:
            return answers.refused(503, "keys cannot be checked just now")
        if not who.admin and who.caller is None:
            return answers.unknown_key()
        return answers.refused(404, f"there is no {request.method} {request.url.path} here")
