"""``/user/…``: whoever has keys, with limits over all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from analytics.access import keys, people
from scalix.gateway.endpoints.keys import generate
from scalix.gateway.endpoints.route import Endpoint, ForbiddenError, Scope
from scalix.gateway.endpoints.shapes import given_limits, limits_in, needed, shown_account, shown_key, text, texts

if TYPE_CHECKING:
    from analytics.access.accounts import Account
    from scalix.gateway.desk import Desk, Who


def new(desk: Desk, who: Who, fields: dict[str, Any]) -> dict[str, Any]:
    """A user and, unless ``auto_create_key`` is false, a key for them. The limits are the user's."""
    user_id = text(fields, "user_id") or str(uuid4())
    account = people.add(
        desk.control,
        ("user", user_id),
        by=who.name,
        alias=text(fields, "user_alias") or text(fields, "user_email"),
        limits=limits_in(fields),
        budget_id=text(fields, "budget_id"),
    )
    teams = texts(fields, "teams")
    for team in teams:
        people.join(desk.control, team, [(user_id, "user")], by=who.name)
    made: dict[str, Any] = {"key": None}
    if fields.get("auto_create_key") is not False:
        own: dict[str, Any] = {
            name: fields[name] for name in ("key_alias", "duration", "team_id", "tags") if name in fields
        }
        made = generate(desk, who, {**own, "user_id": user_id})
    return {**_shown(account), "key": made["key"], "token": made.get("token"), "teams": teams}


def update(desk: Desk, who: Who, fields: dict[str, Any]) -> dict[str, Any]:
    """Change what a request names; the rest stays."""
    name = ("user", needed(fields, "user_id"))
    before = people.one(desk.control, name)
    account = people.change(desk.control, name, by=who.name, **changed(fields, before, "user_alias"))
    return {"user_id": account.id, "data": _shown(account)}


def info(desk: Desk, who: Who, fields: dict[str, Any]) -> dict[str, Any]:
    """A user with their keys and teams, by default the one whose key asks."""
    mine = who.caller.key.user_id if who.caller else None
    user_id = text(fields, "user_id") or mine
    if not who.admin and (user_id is None or user_id != mine):
        raise ForbiddenError("that is another user" if user_id else "this key belongs to no user")
    user_id = user_id or needed(fields, "user_id")
    return {
        "user_id": user_id,
        "user_info": _shown(people.one(desk.control, ("user", user_id))),
        "keys": [shown_key(key) for key in keys.listed(desk.control, user_id=user_id)],
        "teams": [{"team_id": team} for team in people.teams_of(desk.control, user_id)],
    }


def listed(desk: Desk, _who: Who, _fields: dict[str, Any]) -> dict[str, Any]:
    """All users."""
    found = [_shown(account) for account in people.listed(desk.control, "user")]
    return {"users": found, "total": len(found)}


def delete(desk: Desk, who: Who, fields: dict[str, Any]) -> dict[str, Any]:
    """Take users away who have no keys any more."""
    named = texts(fields, "user_ids")
    for user_id in named:
        people.remove(desk.control, ("user", user_id), by=who.name)
    return {"deleted_users": named}


def changed(fields: dict[str, Any], before: Account, alias: str) -> dict[str, Any]:
    """What a request changes of an account."""
    values: dict[str, Any] = {}
    if alias in fields:
        values["alias"] = text(fields, alias)
    if "budget_id" in fields:
        values["budget_id"] = text(fields, "budget_id")
    if given_limits(fields):
        values["limits"] = limits_in(fields, before.own)
    return values


def _shown(account: Account) -> dict[str, Any]:
    return {"user_id": account.id, "user_alias": account.alias, **shown_account(account)}


ENDPOINTS = (
    Endpoint("POST", "/user/new", Scope.ADMIN, new),
    Endpoint("POST", "/user/update", Scope.ADMIN, update),
    Endpoint("POST", "/user/delete", Scope.ADMIN, delete),
    Endpoint("GET", "/user/list", Scope.ADMIN, listed),
    Endpoint("GET", "/user/info", Scope.HOLDER, info),
)
