"""Who may reach the hub over HTTP: a password for people, bearer tokens for programs, all compared in constant time.

Everything that Streamlit serves stands behind the sign-in, its WebSocket included. The routes of the API check tokens
of their own, so that `scalix ship` never learns the password.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import time
from collections import deque
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

COOKIE = "scalix_session"
SESSION_S = 12 * 3600
SIGN_IN = "/sign-in"
OPEN_PATHS = frozenset({"/healthz", "/metrics"})
API_PREFIX = "/v1/"
FAILURES_PER_MINUTE = 10
_FORM_BYTES = 4096
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Scalix</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>body{font-family:system-ui,sans-serif;display:grid;place-items:center;min-height:90vh}
form{display:grid;gap:.75rem;width:18rem}input,button{font:inherit;padding:.5rem}</style></head>
<body><form method="post" action="/sign-in"><label for="password">Password of this Scalix hub</label>
<input id="password" name="password" type="password" autocomplete="current-password" autofocus required>
<button>Sign in</button>{note}</form></body></html>"""


def same(given: str, expected: str) -> bool:
    """Whether two secrets are equal, in a time that tells nothing about where they differ, nor about their length."""
    return hmac.compare_digest(hashlib.sha256(given.encode()).digest(), hashlib.sha256(expected.encode()).digest())


def bearer(connection: HTTPConnection) -> str | None:
    """The bearer token of a request."""
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


class PasswordGate:
    """ASGI middleware: lets nobody past without the password, the API's own token checks apart."""

    def __init__(self, app: ASGIApp, password: str) -> None:
        """Sessions are signed with a key of this run: a restart asks for the password again."""
        self._app = app
        self._password = password
        self._key = secrets.token_bytes(32)
        self._failures: deque[float] = deque(maxlen=FAILURES_PER_MINUTE)

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
        return self._session_holds(connection.cookies.get(COOKIE, "")) or self.knows_password(connection)

    def knows_password(self, connection: HTTPConnection) -> bool:
        """Whether the request carries the password itself, as Basic (any user name) or Bearer."""
        given = bearer(connection) or _basic_password(connection)
        return given is not None and self._check(given)

    def _check(self, given: str) -> bool:
        now = time.monotonic()
        if len(self._failures) == FAILURES_PER_MINUTE and now - self._failures[0] < 60:  # noqa: PLR2004 - a minute
            return False
        if same(given, self._password):
            return True
        self._failures.append(now)
        return False

    async def _sign_in(self, request: Request) -> Response:
        if request.method != "POST":
            return _page()
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > _FORM_BYTES:
                return PlainTextResponse("too much", 413)
        if not self._check(parse_qs(body.decode("utf-8", "replace")).get("password", [""])[0]):
            return _page("<p role=alert>That was not the password.</p>", 403)
        response = RedirectResponse("/", 303)
        response.set_cookie(
            COOKIE,
            self._session(int(time.time()) + SESSION_S),
            max_age=SESSION_S,
            httponly=True,
            samesite="lax",
            secure=request.url.scheme == "https",
        )
        return response

    def _session(self, until: int) -> str:
        signature = hmac.new(self._key, str(until).encode(), hashlib.sha256).hexdigest()
        return f"{until}.{signature}"

    def _session_holds(self, cookie: str) -> bool:
        until, _, _ = cookie.partition(".")
        if not (until.isascii() and until.isdigit()) or len(until) > 12:  # noqa: PLR2004 - seconds since 1970
            return False
        return hmac.compare_digest(cookie.encode(), self._session(int(until)).encode()) and int(until) > time.time()

    @staticmethod
    def _refusal(scope: Scope) -> Response:
        if "text/html" in HTTPConnection(scope).headers.get("accept", ""):
            return RedirectResponse(SIGN_IN, 303)
        return PlainTextResponse("password needed", 401, {"WWW-Authenticate": 'Basic realm="scalix"'})


def _page(note: str = "", status: int = 200) -> Response:
    return HTMLResponse(_PAGE.replace("{note}", note), status, {"Cache-Control": "no-store"})


def _basic_password(connection: HTTPConnection) -> str | None:
    scheme, _, encoded = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        decoded = base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
    return decoded.partition(":")[2]
