"""Keys made, changed, rotated, blocked and removed. A key is shown once; what is kept is an HMAC of it."""

from __future__ import annotations

import json
import secrets as random
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from analytics.access import accounts as accounts_
from analytics.access import changes
from analytics.access.keys import in_store
from analytics.access.pepper import digest, new_key, prefix_of
from scalix.errors import SettingsError
from scalix.store.tables.access import accounts, keys, secrets
from scalix.times import MICROSECONDS, now_us

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from analytics.access.keys import Key
    from analytics.access.limits import Limits
    from scalix.store.control import ControlStore

_ID_BYTES = 16
MOST_TAGS = 16
_OF_KEYS: tuple[str, ...] = ("user_id", "team_id", "tags", "expires_us")


def mint(
    control: ControlStore,
    pepper: bytes,
    *,
    by: str,
    alias: str | None = None,
    user_id: str | None = None,
    team_id: str | None = None,
    tags: Sequence[str] = (),
    limits: Limits | None = None,
    budget_id: str | None = None,
    expires_us: int | None = None,
) -> tuple[str, str]:
    """Make a key. Returns it, this once, and its id. Raises SettingsError for what it cannot be given."""
    identifier, key, at_us = random.token_hex(_ID_BYTES), new_key(), now_us()
    with control.transaction() as connection:
        _alias_is_free(connection, alias)
        accounts_.add(connection, ("key", identifier), now_us=at_us, alias=alias, limits=limits, budget_id=budget_id)
        _have_accounts(connection, user_id, team_id, at_us)
        connection.execute(
            keys.insert().values(
                id=identifier,
                user_id=user_id,
                team_id=team_id,
                tags=json.dumps(_tags(tags)),
                expires_us=expires_us,
                created_us=at_us,
            )
        )
        _add_secret(connection, pepper, identifier, key, at_us)
        detail = {"alias": alias, "user_id": user_id, "team_id": team_id}
        changes.note(connection, ("key", identifier), "created", by=by, now_us=at_us, detail=detail)
    return key, identifier


def change(
    control: ControlStore,
    name: str,
    *,
    by: str,
    **values: Any,
) -> Key:
    """Change ``alias``, ``limits``, ``budget_id``, ``user_id``, ``team_id``, ``tags``, ``expires_us`` of a key.

    Raises SettingsError when there is none, or it cannot have that.
    """
    at_us = now_us()
    with control.transaction() as connection:
        key = in_store(connection, name)
        own = {part: values.pop(part) for part in _OF_KEYS if part in values}
        if values.get("alias", key.account.alias) != key.account.alias:
            _alias_is_free(connection, values["alias"])
        if values:
            accounts_.change(connection, ("key", key.id), **values)
        _have_accounts(connection, own.get("user_id"), own.get("team_id"), at_us)
        if "tags" in own:
            own["tags"] = json.dumps(_tags(own["tags"]))
        if own:
            connection.execute(keys.update().where(keys.c.id == key.id).values(**own))
        detail = {"changed": sorted([*values, *own])}
        changes.note(connection, ("key", key.id), "changed", by=by, now_us=at_us, detail=detail)
        return in_store(connection, key.id)


def rotate(control: ControlStore, pepper: bytes, name: str, *, by: str, overlap_s: int = 0) -> tuple[str, Key]:
    """Give a key a new secret; what it had goes on for so many seconds. Budget, spending and history stay with it."""
    made, at_us = new_key(), now_us()
    with control.transaction() as connection:
        key = in_store(connection, name)
        ends_us = at_us + overlap_s * MICROSECONDS
        mine = secrets.c.key_id == key.id
        longer = sa.or_(secrets.c.expires_us.is_(None), secrets.c.expires_us > ends_us)
        connection.execute(secrets.update().where(mine, longer).values(expires_us=ends_us))
        connection.execute(secrets.delete().where(mine, secrets.c.expires_us <= at_us))
        _add_secret(connection, pepper, key.id, made, at_us)
        changes.note(connection, ("key", key.id), "rotated", by=by, now_us=at_us, detail={"overlap_s": overlap_s})
    return made, key


def block(control: ControlStore, name: str, *, by: str, blocked: bool = True) -> Key:
    """Turn a key off, or on again; every worker asks the store at each call. Raises SettingsError."""
    with control.transaction() as connection:
        key = in_store(connection, name)
        accounts_.change(connection, ("key", key.id), blocked=blocked)
        action = "blocked" if blocked else "unblocked"
        changes.note(connection, ("key", key.id), action, by=by, now_us=now_us())
        return in_store(connection, key.id)


def remove(control: ControlStore, name: str, *, by: str) -> Key:
    """Take a key away for good. Calls under way still count for its user and team. Raises SettingsError."""
    with control.transaction() as connection:
        key = in_store(connection, name)
        accounts_.remove(connection, ("key", key.id))
        connection.execute(keys.delete().where(keys.c.id == key.id))
        connection.execute(secrets.delete().where(secrets.c.key_id == key.id))
        changes.note(connection, ("key", key.id), "removed", by=by, now_us=now_us())
    return key


def _add_secret(connection: sa.Connection, pepper: bytes, identifier: str, key: str, at_us: int) -> None:
    connection.execute(
        secrets.insert().values(prefix=prefix_of(key), key_id=identifier, digest=digest(pepper, key), made_us=at_us)
    )


def _have_accounts(connection: sa.Connection, user_id: str | None, team_id: str | None, at_us: int) -> None:
    for kind, identifier in (("user", user_id), ("team", team_id)):
        if identifier is not None:
            accounts_.ensure(connection, (kind, identifier), now_us=at_us)


def _alias_is_free(connection: sa.Connection, alias: str | None) -> None:
    taken = sa.select(accounts.c.id).where(accounts.c.kind == "key", accounts.c.alias == alias)
    if alias is not None and connection.execute(taken).first():
        raise SettingsError(f"there is a key {alias} already")


def _tags(tags: Iterable[str]) -> list[str]:
    given = list(tags)
    if len(given) > MOST_TAGS or not all(0 < len(tag) <= 128 and tag.isprintable() for tag in given):  # noqa: PLR2004
        raise SettingsError(f"a key has up to {MOST_TAGS} printable tags of up to 128 characters")
    return given
