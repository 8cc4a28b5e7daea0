"""The door: everything that reaches the gateway comes through here, and LiteLLM sees only calls that were let through.

A call's key is checked, its body is held against what a client may send, and what it can cost at most is reserved,
before LiteLLM is asked. LiteLLM is given the call under an id of ours and never sees the key itself.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request

from analytics.access.spending import Call, OutdatedError, Refusal
from scalix.errors import BudgetExceededError, ScalixError
from scalix.gateway import allowed, answers
from scalix.gateway.clients import client_of
from scalix.gateway.desk import presented
from scalix.gateway.offers import offers
from scalix.gateway.passing import Receiving, Sending

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

    from analytics.access.keys import Caller
    from scalix.gateway.calls import Calls
    from scalix.gateway.desk import Desk

CALLER = "scalix_caller"
"""Where in the scope LiteLLM's side finds who calls."""
CALL_ID = b"x-litellm-call-id"
MOST_BYTES = 64 * 2**20
# Keys are replaced, LiteLLM's own headers would tell it what to do, and packed answers could not be looked through.
_DROPPED = (
    b"authorization",
    b"x-api-key",
    b"api-key",
    b"cookie",
    b"content-length",
    b"accept-encoding",
    b"x-litellm-",
    b"litellm-",
)
_log = logging.getLogger(__name__)


class _RefusedError(Exception):
    """A call is not made; carries what the client is told."""

    def __init__(self, said: int | Response, message: str = "", **more: Any) -> None:
        """An answer as it is, or a status and a sentence."""
        super().__init__(message)
        self.answer = answers.refused(said, message, **more) if isinstance(said, int) else said


class Door:
    """The ASGI application. ``inner`` is LiteLLM's; ``endpoints`` are ours."""

    def __init__(self, inner: ASGIApp, endpoints: ASGIApp, desk: Desk, calls: Calls, *, longest_s: float) -> None:
        self._inner = inner
        self._endpoints = endpoints
        self._desk = desk
        self._calls = calls
        self._longest_s = longest_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let through, or answer."""
        if scope["type"] == "lifespan":
            await self._inner(scope, receive, send)
        elif scope["type"] != "http":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        elif not allowed.is_call(scope["path"]):
            await self._endpoints(scope, receive, send)
        else:
            try:
                await self._call(Request(scope, receive), send)
            except _RefusedError as refused:
                await refused.answer(scope, receive, send)

    async def _call(self, request: Request, send: Send) -> None:
        token = presented(request)
        try:
            caller, as_of = self._desk.callers.remembered(token) or (await self._known(token), None)
            if request.method != "POST":
                raise _RefusedError(405, "calls are made with POST")
            body = await _body(request)
            try:
                call = await self._let_through(request, body, caller, as_of)
            except OutdatedError:
                caller = await self._known(token)
                call = await self._let_through(request, body, caller, None)
        except BudgetExceededError as error:
            raise _RefusedError(429, str(error), kind="budget_exceeded") from error
        except ScalixError as error:
            _log.warning("a call was refused because its key could not be checked: %s", error)
            raise _RefusedError(503, "keys and budgets cannot be checked just now") from error
        await self._made(request, body, caller, call, send)

    async def _known(self, token: str) -> Caller:
        if self._desk.is_admin(token):
            raise _RefusedError(403, "the admin's key cannot call models: make a key with /key/generate")
        caller = await run_in_threadpool(self._desk.callers.known, token)
        if caller is None:
            raise _RefusedError(answers.unknown_key())
        return caller

    async def _let_through(self, request: Request, body: bytes, caller: Caller, as_of: int | None) -> str:
        """The id of the call. Raises OutdatedError when what was remembered of its caller may not hold any more."""
        try:
            call = self._checked(caller, allowed.body_of(body), request)
        except _RefusedError as error:
            if as_of is None:
                raise
            raise OutdatedError("something else may be allowed by now") from error
        outcome = await self._calls.let_through(replace(call, as_of=as_of))
        if isinstance(outcome, Refusal):
            raise _RefusedError(answers.over_limit(outcome))
        return call.id

    def _checked(self, caller: Caller, data: dict[str, Any] | allowed.Refusal, request: Request) -> Call:
        """The call that a body asks for, if this caller may make it."""
        if isinstance(data, allowed.Refusal):
            raise _refused_by(data)
        path = request.scope["path"]
        wrong = allowed.refusal(data, self._desk.metadata_keys) or allowed.asks_nothing(path, data)
        if wrong is not None:
            raise _refused_by(wrong)
        model = data["model"]
        if not caller.may_call(model):
            raise _RefusedError(403, f"this key may not call {model}", kind="key_model_access_denied", param="model")
        prices = self._desk.catalogue.prices(model)
        if not prices:
            raise _RefusedError(404, f"there is no model {model} here", param="model")
        open_to = offers(data, prices)
        reached = self._desk.ledger_budgets.reached(caller, model, (data.get("metadata") or {}).get("tags") or ())
        if reached is not None and reached.action == "block":
            raise _RefusedError(answers.over_ledger_budget(reached))
        if reached is not None:
            # A budget of the ledger asks for cheaper calls: they go to the cheapest deployments.
            open_to = open_to[-1:]
        return Call(str(uuid4()), caller.key.accounts, open_to, client_of(request.headers))

    async def _made(self, request: Request, body: bytes, caller: Caller, call: str, send: Send) -> None:
        scope = request.scope
        sending = Sending(send, self._desk.catalogue.secrets, lambda: self._calls.retry_after(call))
        receiving = Receiving(body, request.receive, lambda: sending.over)
        inner = {**scope, CALLER: caller, "headers": _headers(scope["headers"], call, caller, len(body))}
        late = False
        try:
            async with asyncio.timeout(self._longest_s):
                await self._inner(inner, receiving, sending)
        except TimeoutError as error:
            late = True
            if not sending.begun:
                raise _RefusedError(504, f"the call took longer than {self._longest_s:g} seconds") from error
        finally:
            # Of a call that was broken off nobody knows what the provider has done, and will charge.
            failed = not (sending.answered or receiving.gone or late)
            self._calls.ended(call, failed=failed, broken=sending.broken)


def _refused_by(wrong: allowed.Refusal) -> _RefusedError:
    return _RefusedError(wrong.status, wrong.message, kind=wrong.kind, param=wrong.param)


async def _body(request: Request) -> bytes:
    """The whole body."""
    found = bytearray()
    try:
        async for piece in request.stream():
            found += piece
            if len(found) > MOST_BYTES:
                raise _RefusedError(413, f"a request may have up to {MOST_BYTES} bytes")
    except ClientDisconnect as error:
        raise _RefusedError(400, "the client has gone") from error
    return bytes(found)


def _headers(given: list[tuple[bytes, bytes]], call: str, caller: Caller, length: int) -> list[tuple[bytes, bytes]]:
    """The request's headers without any key, and without those that tell LiteLLM what to do."""
    kept = [(name, value) for name, value in given if not name.lower().startswith(_DROPPED)]
    own = {b"authorization": f"Bearer {caller.key.id}", CALL_ID: call, b"content-length": str(length)}
    return [*kept, *((name, value.encode()) for name, value in own.items())]
