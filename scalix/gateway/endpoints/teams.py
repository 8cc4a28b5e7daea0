"""``/team/…``: keys that spend together. The admin makes teams, a team's admins say who belongs to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from analytics.access import keys, people
from scalix.errors import SettingsError
from scalix.gateway.endpoints.route import Endpoint, ForbiddenError, Scope
from scalix.gateway.endpoints.shapes import limits_in, needed, shown_account, shown_key, text, texts
from scalix.gateway.endpoints.users import changed

if TYPE_CHECKING:
    from analytics.access.accounts import Account
    from scalix.gateway.desk import Desk, Who


def new(desk: Desk, who: Who, fields: dict[str, Any]) -> dict[str, Any]:
    """A team, with its limits and members."""
    team_id = text(fields, "team_id") or str(uuid4())
    members = _members(fields.get("members_with_roles"))
    account = people.add(
        desk.control,
        ("team", team_id),
        by=who.name,
        alias=text(fields, "team_alias"),
        limits=limits_in(fields),
        budget_id=text(fields, "budget_id"),
    )
    people.join(desk.control, team_id, members, by=who.name)
    return _shown(desk, account)


def update(desk: Desk, who: Who, fields: dict[str, Any]) -> dict[str, Any]:
    """Change what a request names; the rest stays."""
    name = ("team", needed(fields, "team_id"))
    before = people.one(desk.control, name)
    account = people.change(desk.control, name, by=who.name, **changed(fields, before, "team_alias"))
    return {"team_id": account.id, "data": _shown(desk, account)}


def info(desk: Desk, who: Who, fields: dict[str, Any]) -> dict[str, Any]:
    """A team. Its members see it, and only the admins of it see its keys."""
    team_id = text(fields, "team_id") or (who.caller.key.team_id if who.caller else None)
    if team_id is None:
        raise SettingsError("name a team: /team/info?team_id=…")
    leads = who.may_manage(team_id)
    if not leads and (who.caller is None or who.caller.key.team_id != team_id):
        raise ForbiddenError("that is another team")
    account = people.one(desk.control, ("team", team_id))
    shown = [shown_key(key) for key in keys.listed(desk.control, team_id=team_id)] if leads else []
    return {"team_id": team_id, "team_info": _shown(desk, account), "keys": shown}


def listed(desk: Desk, who: Who, _fields: dict[str, Any]) -> list[dict[str, Any]]:
    """All teams to the admin, the key's own to others."""
    if who.admin:
        return [_shown(desk, account) for account in people.listed(desk.control, "team")]
    own = who.caller.key.team_id if who.caller else None
    return [] if own is None else [_shown(desk, people.one(desk.control, ("team", own)))]


def block(desk: Desk, who: Who, fields: dict[str, Any]) -> dict[str, Any]:
    """Turn all keys of a team off."""
    return _shown(desk, people.block(desk.control, ("team", needed(fields, "team_id")), by=who.name))


def unblock(desk: Desk, who: Who, fields: dict[str, Any]) -> dict[str, Any]:
    """Turn them on again."""
    name = ("team", needed(fields, "team_id"))
    return _shown(desk, people.block(desk.control, name, by=who.name, blocked=False))


def delete(desk: Desk, who: Who, fields: dict[str, Any]) -> dict[str, Any]:
    """Take teams away that have no keys any more."""
    named = texts(fields, "team_ids")
    for team_id in named:
        people.remove(desk.control, ("team", team_id), by=who.name)
    return {"deleted_teams": named}


def member_add(desk: Desk, who: Who, fields: dict[str, Any]) -> dict[str, Any]:
    """Have somebody belong to a team, as ``user`` or ``admin``."""
    team_id = _theirs(who, fields)
    people.join(desk.control, team_id, _members(fields.get("member")), by=who.name)
    return _shown(desk, people.one(desk.control, ("team", team_id)))


def member_delete(desk: Desk, who: Who, fields: dict[str, Any]) -> dict[str, Any]:
    """Have somebody no longer belong to it. Their keys stay; block those that should not call."""
    team_id = _theirs(who, fields)
    people.leave(desk.control, team_id, needed(fields, "user_id"), by=who.name)
    return _shown(desk, people.one(desk.control, ("team", team_id)))


def _theirs(who: Who, fields: dict[str, Any]) -> str:
    team_id = needed(fields, "team_id")
    if not who.may_manage(team_id):
        raise ForbiddenError("that is another team")
    return team_id


def _members(given: Any) -> list[tuple[str, str]]:
    """One member, or several."""
    several = given if isinstance(given, list) else [given] if given is not None else []
    if not all(isinstance(one, dict) for one in several):
        raise SettingsError('a member is {"user_id": …, "role": "user"}')
    return [(needed(one, "user_id"), text(one, "role") or "user") for one in several]


def _shown(desk: Desk, account: Account) -> dict[str, Any]:
    members = [{"user_id": user, "role": role} for user, role in people.members_of(desk.control, account.id)]
    shown = {"team_id": account.id, "team_alias": account.alias, **shown_account(account)}
    return {**shown, "members_with_roles": members}


ENDPOINTS = (
    Endpoint("POST", "/team/new", Scope.ADMIN, new),
    Endpoint("POST", "/team/update", Scope.ADMIN, update),
    Endpoint("POST", "/team/block", Scope.ADMIN, block),
    Endpoint("POST", "/team/unblock", Scope.ADMIN, unblock),
    Endpoint("POST", "/team/delete", Scope.ADMIN, delete),
    Endpoint("POST", "/team/member_add", Scope.TEAM, member_add),
    Endpoint("POST", "/team/member_delete", Scope.TEAM, member_delete),
    Endpoint("GET", "/team/info", Scope.HOLDER, info),
    Endpoint("GET", "/team/list", Scope.HOLDER, listed),
)
