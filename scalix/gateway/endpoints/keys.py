"""``/key/…``: the admin makes and changes keys, admins of a team those of their team, and holders see their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analytics.access import issuing, keys, people
from analytics.access import limits as limits_
from scalix.errors import SettingsError
from scalix.gateway.endpoints.route import Endpoint, ForbiddenError, Scope
from scalix.gateway.endpoints.shapes import (
    count,
    expiry,
    given_limits,
    limits_in,
    needed,
    shown_key,
    text,
    texts,
)

if TYPE_CHECKING:
    from analytics.access.keys import Key
    from scalix.gateway.desk import Desk, Who

MOST_LISTED = 1000
DAY_S = 86400


def generate(desk: Desk, who: Who, fields: dict[str, Any]) -> dict[str, Any]:
    """Make a key; it is in the answer this once."""
    team_id = text(fields, "team_id") or who.manages
    user_id = text(fields, "user_id")
    _may_belong(desk, who, user_id, team_id)
    key, identifier = issuing.mint(
        desk.control,
        desk.pepper,
        by=who.name,
        alias=text(fields, "key_alias"),
        user_id=user_id,
        team_id=team_id,
        tags=_tags(fields),
        limits=limits_in(fields),
        budget_id=text(fields, "budget_id"),
        expires_us=expiry(fields),
    )
    return {"key": key, **shown_key(keys.named(desk.control, identifier))}


def update(desk: Desk, who: Who, fields: dict[str, Any]) -> dict[str, Any]:
    """Change what a request names; the rest stays."""
    key = _theirs(desk, who, needed(fields, "key"))
    values: dict[str, Any] = {}
    for name, ours in (
        ("key_alias", "alias"),
        ("user_id", "user_id"),
        ("team_id", "team_id"),
        ("budget_id", "budget_id"),
    ):
        if name in fields:
            values[ours] = text(fields, name)
    _may_belong(desk, who, values.get("user_id"), values.get("team_id", key.team_id))
    if given_limits(fields):
        values["limits"] = limits_in(fields, key.account.own)
    if "duration" in fields:
        values["expires_us"] = expiry(fields)
    if "tags" in fields or "metadata" in fields:
        values["tags"] = _tags(fields)
    return shown_key(issuing.change(desk.control, key.id, by=who.name, **values))


def info(desk: Desk, who: Who, fields: dict[str, Any]) -> dict[str, Any]:
    """One key, by default the one that asks."""
    asked = text(fields, "key")
    if asked is None and who.caller is None:
        raise SettingsError("name a key: /key/info?key=…")
    key = keys.named(desk.control, asked) if asked else who.caller.key  # type: ignore[union-attr]  # checked above
    if not who.may_see(key):
        raise ForbiddenError("that is another key")
    return {"key": key.id, "info": shown_key(key)}


def listed(desk: Desk, who: Who, fields: dict[str, Any]) -> dict[str, Any]:
    """The keys that one may see, the newest first, a page at a time."""
    size = min(max(count(fields, "size") or 100, 1), MOST_LISTED)
    page = max(count(fields, "page") or 1, 1)
    team_id, user_id = text(fields, "team_id"), text(fields, "user_id")
    if not who.admin and who.manages is None:
        found = [who.caller.key] if who.caller else []
    else:
        team_id = team_id if who.admin else who.manages
        chosen: dict[str, Any] = {"team_id": team_id, "user_id": user_id}
        found = keys.listed(desk.control, **chosen, most=size, skip=(page - 1) * size)
    total = keys.count(desk.control) if who.admin and not (team_id or user_id) else None
    shown = [shown_key(key) for key in found]
    return {"keys": shown, "total_count": len(shown) if total is None else total, "current_page": page}


def block(desk: Desk, who: Who, fields: dict[str, Any]) -> dict[str, Any]:
    """Turn a key off; the next call with it is refused."""
    key = _theirs(desk, who, needed(fields, "key"))
    return shown_key(issuing.block(desk.control, key.id, by=who.name))


def unblock(desk: Desk, who: Who, fields: dict[str, Any]) -> dict[str, Any]:
    """Turn a key on again."""
    key = _theirs(desk, who, needed(fields, "key"))
    return shown_key(issuing.block(desk.control, key.id, by=who.name, blocked=False))


def regenerate(desk: Desk, who: Who, fields: dict[str, Any]) -> dict[str, Any]:
    """A new secret for a key; ``grace_period`` says how long the old one goes on, at most thirty days."""
    key = _theirs(desk, who, needed(fields, "key"))
    grace = text(fields, "grace_period")
    overlap_s = 0 if grace is None else limits_.seconds(grace)
    if overlap_s > 30 * DAY_S:
        raise SettingsError("grace_period: at most 30d")
    made, key = issuing.rotate(desk.control, desk.pepper, key.id, by=who.name, overlap_s=overlap_s)
    return {"key": made, **shown_key(key)}


def delete(desk: Desk, who: Who, fields: dict[str, Any]) -> dict[str, Any]:
    """Take keys away for good; all of them or none that is not theirs."""
    found = [_theirs(desk, who, name) for name in [*texts(fields, "keys"), *texts(fields, "key_aliases")]]
    if not found:
        raise SettingsError("keys is missing")
    for key in found:
        issuing.remove(desk.control, key.id, by=who.name)
    return {"deleted_keys": [key.id for key in found]}


def _theirs(desk: Desk, who: Who, name: str) -> Key:
    """The key, if they may change it: an admin of a team may not see whether others' exist."""
    key = keys.named(desk.control, name)
    if not who.may_manage(key.team_id):
        raise ForbiddenError("that key is of another team")
    return key


def _may_belong(desk: Desk, who: Who, user_id: str | None, team_id: str | None) -> None:
    if who.admin:
        return
    if not who.may_manage(team_id):
        raise ForbiddenError("that is another team")
    if user_id is not None and user_id not in dict(people.members_of(desk.control, str(team_id))):
        raise ForbiddenError(f"{user_id} does not belong to team {team_id}")


def _tags(fields: dict[str, Any]) -> list[str]:
    """LiteLLM has them in ``metadata``, too."""
    metadata = fields.get("metadata")
    return texts(fields, "tags") or texts(metadata if isinstance(metadata, dict) else {}, "tags")


ENDPOINTS = (
    Endpoint("POST", "/key/generate", Scope.TEAM, generate),
    Endpoint("POST", "/key/update", Scope.TEAM, update),
    Endpoint("POST", "/key/block", Scope.TEAM, block),
    Endpoint("POST", "/key/unblock", Scope.TEAM, unblock),
    Endpoint("POST", "/key/regenerate", Scope.TEAM, regenerate),
    Endpoint("POST", "/key/{key}/regenerate", Scope.TEAM, regenerate),
    Endpoint("POST", "/key/delete", Scope.TEAM, delete),
    Endpoint("GET", "/key/info", Scope.HOLDER, info),
    Endpoint("GET", "/key/list", Scope.HOLDER, listed),
)
