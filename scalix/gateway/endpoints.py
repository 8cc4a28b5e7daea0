"""The gateway's own HTTP routes, with LiteLLM's names and shapes, put before LiteLLM's, which would ask a database.

``/key/*`` is the admin's; a key's holder may ask about it. ``/v1/user/info`` and ``/v1/user/budget`` are what the
Scalix app asks with its own key.
"""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from scalix.errors import ScalixError, SettingsError
from scalix.gateway import keys
from scalix.times import from_us, now, to_us

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request

    from scalix.gateway.keys import Key
    from scalix.store.control import ControlStore

    Handler = Callable[[Request], Awaitable[Response]]

_DURATION = re.compile(r"(\d{1,6})(s|m|h|d)")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
UNKNOWN = "that key is not known here"


class Endpoints:
    """All routes. ``is_admin`` compares a bearer token with the admin's key."""

    def __init__(self, control: ControlStore, pepper: bytes, is_admin: Callable[[str], bool]) -> None:
        self._control = control
        self._pepper = pepper
        self._is_admin = is_admin

    def routes(self) -> list[Route]:
        """To be put before LiteLLM's."""
        return [
            Route("/key/generate", self._admin(self._generate), methods=["POST"]),
            Route("/key/list", self._admin(self._list), methods=["GET"]),
            Route("/key/block", self._admin(self._block), methods=["POST"]),
            Route("/key/unblock", self._admin(self._unblock), methods=["POST"]),
            Route("/key/delete", self._admin(self._delete), methods=["POST"]),
            Route("/key/info", self._info, methods=["GET"]),
            Route("/v1/user/info", self._user_info, methods=["GET"]),
            Route("/v1/user/budget", self._user_budget, methods=["GET"]),
        ]

    def _admin(self, handler: Handler) -> Handler:
        async def checked(request: Request) -> Response:
            if not self._is_admin(_bearer(request)):
                known = await self._holder(request)
                return _refused(403, "only the admin's key may do this") if known else _refused(401, UNKNOWN)
            try:
                return await handler(request)
            except SettingsError as error:
                return _refused(400, str(error))
            except ScalixError as error:
                return _refused(503, str(error))

        return checked

    async def _holder(self, request: Request) -> Key | None:
        return await run_in_threadpool(keys.known, self._control, self._pepper, _bearer(request))

    async def _generate(self, request: Request) -> Response:
        body = await _json(request)
        made = await run_in_threadpool(
            keys.mint,
            self._control,
            self._pepper,
            alias=_text(body, "key_alias"),
            user_id=_text(body, "user_id"),
            team=_text(body, "team_id"),
            models=tuple(map(str, body.get("models") or ())),
            budget_usd=_dollars(body.get("max_budget")),
            expires_us=_expiry(body.get("duration")),
        )
        key = await run_in_threadpool(keys.one, self._control, keys.prefix_of(made))
        return JSONResponse({"key": made, **_shown(key)} if key else {"key": made})

    async def _list(self, _request: Request) -> Response:
        found = await run_in_threadpool(keys.all_keys, self._control)
        return JSONResponse({"keys": [_shown(key) for key in found], "total_count": len(found)})

    async def _block(self, request: Request) -> Response:
        return await self._turn(request, blocked=True)

    async def _unblock(self, request: Request) -> Response:
        return await self._turn(request, blocked=False)

    async def _turn(self, request: Request, *, blocked: bool) -> Response:
        prefix = keys.prefix_of(str((await _json(request)).get("key") or ""))
        await run_in_threadpool(keys.block, self._control, prefix, blocked=blocked)
        return JSONResponse({"token": prefix, "blocked": blocked})

    async def _delete(self, request: Request) -> Response:
        named = [keys.prefix_of(str(key)) for key in (await _json(request)).get("keys") or ()]
        for prefix in named:
            await run_in_threadpool(keys.remove, self._control, prefix)
        return JSONResponse({"deleted_keys": named})

    async def _info(self, request: Request) -> Response:
        holder = await self._holder(request)
        asked = request.query_params.get("key")
        prefix = keys.prefix_of(asked) if asked else holder.prefix if holder else ""
        if not self._is_admin(_bearer(request)) and (holder is None or holder.prefix != prefix):
            return _refused(401, UNKNOWN) if holder is None else _refused(403, "that is another key")
        key = await run_in_threadpool(keys.one, self._control, prefix)
        return (
            _refused(404, f"there is no key {prefix}")
            if key is None
            else JSONResponse({"key": prefix, "info": _shown(key)})
        )

    async def _user_info(self, request: Request) -> Response:
        key = await self._holder(request)
        if key is None:
            return _refused(401, UNKNOWN)
        total = None if key.budget_usd is None else float(key.budget_usd)
        answer = {"userId": key.user_id, "usedCredits": float(key.spent_usd), "totalCredits": total}
        return JSONResponse({**answer, "budgetResetDate": None})

    async def _user_budget(self, request: Request) -> Response:
        key = await self._holder(request)
        if key is None:
            return _refused(401, UNKNOWN)
        left = None if key.budget_usd is None else float(key.budget_usd - key.spent_usd - key.reserved_usd)
        return JSONResponse({**_shown(key), "reserved": float(key.reserved_usd), "remaining": left})


def _shown(key: Key) -> dict[str, Any]:
    return {
        "token": key.prefix,
        "key_name": f"{keys.START}{key.prefix}-…",
        "key_alias": key.alias,
        "user_id": key.user_id,
        "team_id": key.team,
        "models": list(key.models),
        "max_budget": None if key.budget_usd is None else float(key.budget_usd),
        "spend": float(key.spent_usd),
        "expires": None if key.expires_us is None else from_us(key.expires_us).isoformat(),
        "blocked": key.blocked,
    }


def _refused(status: int, message: str) -> Response:
    kind = {401: "auth_error", 403: "auth_error", 503: "internal_server_error"}.get(status, "invalid_request_error")
    return JSONResponse({"error": {"message": message, "type": kind, "param": None, "code": str(status)}}, status)


def _bearer(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else request.headers.get("x-api-key", "")


async def _json(request: Request) -> dict[str, Any]:
    """The body as an object. Raises SettingsError."""
    try:
        return msgspec.json.decode(await request.body() or b"{}", type=dict[str, Any])
    except msgspec.MsgspecError as error:
        raise SettingsError(f"the body is no JSON object: {error}") from error


def _text(body: dict[str, Any], name: str) -> str | None:
    value = body.get(name)
    if value is not None and not (isinstance(value, str) and value.isprintable() and len(value) <= 256):  # noqa: PLR2004
        raise SettingsError(f"{name} must be printable text of up to 256 characters")
    return value


def _dollars(value: Any) -> Decimal | None:
    try:
        return None if value is None else Decimal(str(value))
    except InvalidOperation as error:
        raise SettingsError(f"max_budget {value} is no amount") from error


def _expiry(duration: Any) -> int | None:
    if duration is None:
        return None
    found = _DURATION.fullmatch(str(duration))
    if not found:
        raise SettingsError(f"duration {duration}: write it as 30d, 12h or 45m")
    return to_us(now() + timedelta(**{_UNITS[found[2]]: int(found[1])}))
