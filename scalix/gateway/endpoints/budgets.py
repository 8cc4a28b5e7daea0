"""``/budget/…``: limits under a name, for keys, users and teams alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from analytics.access import shared_limits
from scalix.errors import NotThereError
from scalix.gateway.endpoints.route import Endpoint, Scope
from scalix.gateway.endpoints.shapes import limits_in, moment, needed, shown_limits, text, texts

if TYPE_CHECKING:
    from scalix.gateway.desk import Desk, Who


def new(desk: Desk, who: Who, fields: dict[str, Any]) -> dict[str, Any]:
    """Make one."""
    name = text(fields, "budget_id") or str(uuid4())
    shared_limits.keep(desk.control, name, limits_in(fields), by=who.name, replace=False)
    return _one(desk, name)


def update(desk: Desk, who: Who, fields: dict[str, Any]) -> dict[str, Any]:
    """Change what a request names, for all who have it."""
    name = needed(fields, "budget_id")
    before = shared_limits.listed(desk.control, [name])
    limits = limits_in(fields, before[0][1] if before else None)
    shared_limits.keep(desk.control, name, limits, by=who.name, replace=True)
    return _one(desk, name)


def info(desk: Desk, _who: Who, fields: dict[str, Any]) -> list[dict[str, Any]]:
    """Those that a request names."""
    return _shown(desk, texts(fields, "budgets"))


def listed(desk: Desk, _who: Who, _fields: dict[str, Any]) -> list[dict[str, Any]]:
    """All of them."""
    return _shown(desk, None)


def delete(desk: Desk, who: Who, fields: dict[str, Any]) -> dict[str, Any]:
    """Take one away that nobody has."""
    name = needed(fields, "id") if "id" in fields else needed(fields, "budget_id")
    shared_limits.remove(desk.control, name, by=who.name)
    return {"budget_id": name, "deleted": True}


def _one(desk: Desk, name: str) -> dict[str, Any]:
    found = _shown(desk, [name])
    if not found:
        raise NotThereError(f"there is no budget {name}")
    return found[0]


def _shown(desk: Desk, names: list[str] | None) -> list[dict[str, Any]]:
    return [
        {"budget_id": name, **shown_limits(limits), "created_at": moment(made_us)}
        for name, limits, made_us in shared_limits.listed(desk.control, names)
    ]


ENDPOINTS = (
    Endpoint("POST", "/budget/new", Scope.ADMIN, new),
    Endpoint("POST", "/budget/update", Scope.ADMIN, update),
    Endpoint("POST", "/budget/info", Scope.ADMIN, info),
    Endpoint("POST", "/budget/delete", Scope.ADMIN, delete),
    Endpoint("GET", "/budget/list", Scope.ADMIN, listed),
)
