"""Users and teams: their limits, who belongs to which team, and who may manage it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from analytics.access import accounts as accounts_
from analytics.access import changes
from scalix.errors import NotThereError, SettingsError
from scalix.store.tables.access import accounts, keys, members
from scalix.times import now_us

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analytics.access.accounts import Account, Kind, Name
    from scalix.store.control import ControlStore

ROLES = ("admin", "user")


def add(control: ControlStore, name: Name, *, by: str, **values: Any) -> Account:
    """Add a user or a team with ``alias``, ``limits``, ``budget_id``. Raises SettingsError when it is there."""
    at_us = now_us()
    with control.transaction() as connection:
        accounts_.add(connection, name, now_us=at_us, **values)
        changes.note(connection, name, "created", by=by, now_us=at_us)
        return _there(connection, name)


def change(control: ControlStore, name: Name, *, by: str, **values: Any) -> Account:
    """Change a user or a team. Raises SettingsError when it is not there."""
    with control.transaction() as connection:
        accounts_.change(connection, name, **values)
        detail = {"changed": sorted(values)}
        changes.note(connection, name, "changed", by=by, now_us=now_us(), detail=detail)
        return _there(connection, name)


def block(control: ControlStore, name: Name, *, by: str, blocked: bool = True) -> Account:
    """Turn all keys of a user or a team off, or on again. Raises SettingsError when it is not there."""
    with control.transaction() as connection:
        accounts_.change(connection, name, blocked=blocked)
        changes.note(connection, name, "blocked" if blocked else "unblocked", by=by, now_us=now_us())
        return _there(connection, name)


def remove(control: ControlStore, name: Name, *, by: str) -> None:
    """Take a user or a team away. Raises SettingsError while it has keys: they would count for nobody."""
    kind, identifier = name
    column = keys.c.user_id if kind == "user" else keys.c.team_id
    mine = members.c.user_id if kind == "user" else members.c.team_id
    with control.transaction() as connection:
        if connection.execute(sa.select(keys.c.id).where(column == identifier)).first():
            raise SettingsError(f"{kind} {identifier} has keys: delete them, or give them to another {kind}, first")
        accounts_.remove(connection, name)
        connection.execute(members.delete().where(mine == identifier))
        changes.note(connection, name, "removed", by=by, now_us=now_us())


def one(control: ControlStore, name: Name) -> Account:
    """A user or a team. Raises SettingsError when it is not there."""
    with control.reading() as connection:
        return _there(connection, name)


def listed(control: ControlStore, kind: Kind, most: int = 1000) -> list[Account]:
    """Users or teams, the newest first. Raises StoreError."""
    with control.reading() as connection:
        return accounts_.found(connection, accounts.c.kind == kind, now_us=now_us(), most=most)


def join(control: ControlStore, team_id: str, people: Sequence[tuple[str, str]], *, by: str) -> None:
    """Have people, each with a role of ``ROLES``, belong to a team. Raises SettingsError."""
    at_us = now_us()
    with control.transaction() as connection:
        _there(connection, ("team", team_id))
        for user_id, role in people:
            if role not in ROLES:
                raise SettingsError(f"{role} is no role in a team: choose {' or '.join(ROLES)}")
            accounts_.ensure(connection, ("user", user_id), now_us=at_us)
            connection.execute(members.delete().where(members.c.team_id == team_id, members.c.user_id == user_id))
            connection.execute(members.insert().values(team_id=team_id, user_id=user_id, role=role))
            detail = {"user_id": user_id, "role": role}
            changes.note(connection, ("team", team_id), "joined", by=by, now_us=at_us, detail=detail)


def leave(control: ControlStore, team_id: str, user_id: str, *, by: str) -> None:
    """Have somebody no longer belong to a team. Raises SettingsError when they do not."""
    mine = sa.and_(members.c.team_id == team_id, members.c.user_id == user_id)
    with control.transaction() as connection:
        if not connection.execute(members.delete().where(mine)).rowcount:
            raise NotThereError(f"{user_id} does not belong to team {team_id}")
        changes.note(connection, ("team", team_id), "left", by=by, now_us=now_us(), detail={"user_id": user_id})


def members_of(control: ControlStore, team_id: str) -> list[tuple[str, str]]:
    """User and role of everybody in a team. Raises StoreError."""
    wanted = sa.select(members.c.user_id, members.c.role).where(members.c.team_id == team_id)
    with control.reading() as connection:
        return [(user, role) for user, role in connection.execute(wanted.order_by(members.c.user_id))]


def teams_of(control: ControlStore, user_id: str, role: str | None = None) -> list[str]:
    """The teams that somebody belongs to, or has that role in. Raises StoreError."""
    wanted = sa.select(members.c.team_id).where(members.c.user_id == user_id).order_by(members.c.team_id)
    if role is not None:
        wanted = wanted.where(members.c.role == role)
    with control.reading() as connection:
        return list(connection.execute(wanted).scalars())


def _there(connection: sa.Connection, name: Name) -> Account:
    found = accounts_.one(connection, name, now_us=now_us())
    if found is None:
        raise NotThereError(f"there is no {name[0]} {name[1]}")
    return found
