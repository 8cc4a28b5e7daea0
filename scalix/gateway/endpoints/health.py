"""Health: whether the process lives, and what of the gateway is ready. No provider is asked, no secret named."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse

from analytics.access import keys
from scalix.errors import StoreError
from scalix.gateway.endpoints.route import Endpoint, Scope
from scalix.snapshot import read
from scalix.times import MICROSECONDS, now_us

if TYPE_CHECKING:
    from scalix.gateway.desk import Desk, Who

FRESH_S = 60


def alive(_desk: Desk, _who: Who, _fields: dict[str, Any]) -> str:
    """The process answers."""
    return "I'm alive!"


def ready(desk: Desk, _who: Who, _fields: dict[str, Any]) -> JSONResponse:
    """What is ready; 503 when calls cannot be served. Without a hub they can, but spending is booked later."""
    parts = {
        "control_store": _store_answers(desk),
        "models": "ready" if desk.catalogue.names() else "none configured",
        "recording": "ready" if os.access(desk.folder.spool, os.W_OK) else "waiting for the first call",
        "hub": _hub(desk),
    }
    good = parts["control_store"] == parts["models"] == "ready"
    body = {"status": "healthy" if good else "unhealthy", "parts": parts, "worker": os.getpid()}
    return JSONResponse(body, 200 if good else 503)


def _store_answers(desk: Desk) -> str:
    try:
        keys.known(desk.control, desk.pepper, "")
    except StoreError:
        return "does not answer"
    return "ready"


def _hub(desk: Desk) -> str:
    published = read(desk.folder.snapshot)
    if published is None:
        return "not seen yet: start it with `scalix up`"
    age_s = (now_us() - published.made_us) // MICROSECONDS
    return "ready" if age_s < FRESH_S else f"silent for {age_s} s"


ENDPOINTS = (
    *(Endpoint("GET", f"/health/{name}", Scope.OPEN, alive) for name in ("liveliness", "liveness")),
    *(Endpoint("GET", path, Scope.OPEN, ready) for path in ("/health", "/health/readiness")),
)
