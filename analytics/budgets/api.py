"""Budgets and alerts over HTTP: how they stand and trying one out for readers, changes for administrators."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from analytics.alerts import desk as alerts
from analytics.bodies import whole_body
from analytics.budgets import desk
from analytics.budgets.definitions import Budget, checked
from scalix.errors import ScalixError, SettingsError
from scalix.times import now

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import HTTPConnection, Request

    from analytics.budgets.state import BudgetState

MOST_BODY = 64 * 1024


class Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of a change: the budget without its name, which the address gives, and why."""

    budget: dict[str, Any]
    reason: str | None = None
    changed_by: str | None = None


class Trial(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of a trial: a budget, and the span over which to play it; until now without an end."""

    budget: dict[str, Any]
    start: datetime
    end: datetime | None = None


@dataclass(frozen=True)
class BudgetsApi:
    """The handlers. The two questions decide by the request's headers alone."""

    may_read: Callable[[HTTPConnection], bool]
    may_change: Callable[[HTTPConnection], bool]

    def routes(self) -> list[Route]:
        """All routes; the trial's comes first, since any name could follow it."""
        return [
            Route("/v1/budgets", self.listed),
            Route("/v1/budgets:simulate", self.tried, methods=["POST"]),
            Route("/v1/budgets/{name}", self.shown),
            Route("/v1/budgets/{name}", self.kept, methods=["PUT"]),
            Route("/v1/budgets/{name}", self.removed, methods=["DELETE"]),
            Route("/v1/alerts", self.alerts),
        ]

    async def listed(self, request: Request) -> Response:
        """Every budget as it stands."""
        return await _answered(self.may_read(request), _all)

    async def shown(self, request: Request) -> Response:
        """One budget with its forecast; 404 when there is none."""
        name = request.path_params["name"]
        return await _answered(self.may_read(request), lambda: _one(name))

    async def kept(self, request: Request) -> Response:
        """Add or change a budget."""
        body = await whole_body(request, MOST_BODY)
        name = request.path_params["name"]
        return await _answered(self.may_change(request), lambda: _keep(name, body))

    async def removed(self, request: Request) -> Response:
        """Take a budget away; ``reason`` is a query parameter."""
        name, reason = request.path_params["name"], request.query_params.get("reason")
        return await _answered(self.may_change(request), lambda: _remove(name, reason))

    async def tried(self, request: Request) -> Response:
        """Play a budget over the past. It changes nothing, but it is work: those who may read may ask."""
        body = await whole_body(request, MOST_BODY)
        return await _answered(self.may_read(request), lambda: _try_out(body))

    async def alerts(self, request: Request) -> Response:
        """Every alert with its state, the latest change first."""
        return await _answered(self.may_read(request), lambda: {"alerts": alerts.read().alerts})


async def _answered(allowed: bool, work: Callable[[], Any]) -> Response:
    """The work's answer as JSON, done in a thread: 401, 404 for what is not there, 422 for what cannot be."""
    if not allowed:
        return JSONResponse({"error": "a valid token is needed"}, 401, {"WWW-Authenticate": "Bearer"})
    try:
        answer = await run_in_threadpool(work)
    except (msgspec.MsgspecError, SettingsError) as error:
        return JSONResponse({"error": str(error)}, 404 if "there is no budget" in str(error) else 422)
    except ScalixError as error:
        return JSONResponse({"error": str(error)}, 503)
    return Response(json.dumps(answer, default=str), media_type="application/json")


def _all() -> dict[str, Any]:
    return {"budgets": [state.as_dict() for state in desk.read().budgets]}


def _one(name: str) -> dict[str, Any]:
    state = _state(name)
    return {**state.as_dict(), "forecast": desk.look(state).as_dict()}


def _state(name: str) -> BudgetState:
    found = next((state for state in desk.read().budgets if state.budget.name == name), None)
    if found is None:
        raise SettingsError(f"there is no budget {name}; GET /v1/budgets names them")
    return found


def _keep(name: str, body: bytes | None) -> dict[str, Any]:
    change = msgspec.json.decode(body or b"", type=Change)
    exists = any(state.budget.name == name for state in desk.read().budgets)
    budget = _budget(name, change.budget)
    warnings = desk.save(budget, reason=change.reason, by=change.changed_by, replace=exists)
    return {"budget": name, "changed": exists, "warnings": warnings}


def _remove(name: str, reason: str | None) -> dict[str, Any]:
    desk.remove(name, reason=reason, by=None)
    return {"budget": name, "removed": True}


def _try_out(body: bytes | None) -> dict[str, Any]:
    trial = msgspec.json.decode(body or b"", type=Trial)
    if trial.start.tzinfo is None or (trial.end is not None and trial.end.tzinfo is None):
        raise SettingsError("give moments with a zone, such as 2026-11-01T00:00:00Z")
    return desk.try_out(_budget("trial", trial.budget), trial.start, trial.end or now()).as_dict()


def _budget(name: str, fields: dict[str, Any]) -> Budget:
    """Amounts may come as text or as numbers; as text no digit is lost."""
    amount = fields.get("amount_usd")
    given = {**fields, "name": name, **({"amount_usd": str(amount)} if amount is not None else {})}
    return checked(msgspec.convert(given, Budget, strict=False))
