"""Who may reach the hub over HTTP: passwords for people, bearer tokens for programs, all compared in constant time.

Everything that Streamlit serves stands behind the sign-in, its WebSocket included. The routes of the API check tokens
of their own, so that `scalix ship` never learns the password.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from scalix.hub.sessions import COOKIE, SESSION_S, bearer_of

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from scalix.hub.sessions import Sessions

SIGN_IN = "/sign-in"
OPEN_PATHS = frozenset({"/healthz", "/metrics"})
API_PREFIX = "/v1/"
_FORM_BYTES = 4096
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Scalix</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>body{font-family:system-ui,sans-serif;display:grid;place-items:center;min-height:90vh}
form{display:grid;gap:.75rem;width:18rem}input,button{font:inherit;padding:.5rem}</style></head>
<body><form method="post" action="/sign-in"><label for="password">Password of this Scalix hub</label>
<input id="password" name="password" type="password" autocomplete="current-password" autofocus required>
<button>Sign in</button>{note}</form></body></html>"""


def bearer(connection: HTTPConnection) -> str | None:
    """The bearer token of a request."""
    return bearer_of(connection.headers.get("authorization", ""))


class PasswordGate:
    """ASGI middleware: lets nobody past without a password, the API's own token checks apart."""

    def __init__(self, app: ASGIApp, sessions: Sessions) -> None:
        self._app = app
        self._sessions = sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, ask for the password, or refuse."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        path = scope["path"]
        if path == SIGN_IN and scope["type"] == "http":
            await (await self._sign_in(Request(scope, receive)))(scope, receive, send)
        elif path in OPEN_PATHS or path.startswith(API_PREFIX) or self._may_pass(HTTPConnection(scope)):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        else:
            await self._refusal(scope)(scope, receive, send)

    def _may_pass(self, connection: HTTPConnection) -> bool:
        return self._sessions.role(connection.cookies, connection.headers.get("authorization", "")) is not None

    async def _sign_in(self, request: Request) -> Response:
        if request.method != "POST":
            return _page()
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > _FORM_BYTES:
                return PlainTextResponse("too much", 413)
        role = self._sessions.check(parse_qs(body.decode("utf-8", "replace")).get("password", [""])[0])
        if role is None:
            return _page("<p role=alert>That was not the password.</p>", 403)
        response = RedirectResponse("/", 303)
        response.set_cookie(
            COOKIE,
            self._sessions.begin(role),
            max_age=SESSION_S,
            httponly=True,
            samesite="lax",
            secure=request.url.scheme == "https",
        )
        return response

    @staticmethod
    def _refusal(scope: Scope) -> Response:
        if "text/html" in HTTPConnection(scope).headers.get("accept", ""):
            return RedirectResponse(SIGN_IN, 303)
        return PlainTextResponse("password needed", 401, {"WWW-Authenticate": 'Basic realm="scalix"'})


def _page(note: str = "", status: int = 200) -> Response:
    return HTMLResponse(_PAGE.replace("{note}", note), status, {"Cache-Control": "no-store"})
