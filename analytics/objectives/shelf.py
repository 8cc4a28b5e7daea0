"""Where objectives are kept: what holds now in the control store, each change as a fact on the spool."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from analytics.facts import put_on_spool, who
from analytics.objectives.definitions import DEFAULTS, Objective, checked, from_json, to_json
from scalix.errors import SettingsError
from scalix.events import ObjectiveEvent
from scalix.store.tables.objectives import objectives
from scalix.times import now_us

if TYPE_CHECKING:
    from pathlib import Path

    from scalix.store.control import ControlStore


def all_objectives(control: ControlStore) -> list[Objective]:
    """Every objective, by name: defaults that were not edited or removed, and those added. Raises StoreError."""
    with control.transaction() as connection:
        return sorted(_held(connection).values(), key=lambda one: one.name)


def keep(control: ControlStore, spool: Path, objective: Objective, *, reason: str | None, replace: bool) -> None:
    """Add an objective, or change the one of its name. Raises SettingsError when it is there, or is not."""
    definition = to_json(checked(objective))
    with control.transaction() as connection:
        exists = objective.name in _held(connection)
        if exists and not replace:
            raise SettingsError(
                f"there is an objective {objective.name} already; change it with `scalix objective edit`"
            )
        if replace and not exists:
            raise SettingsError(_unknown(objective.name))
        _change(connection, spool, objective.name, definition, reason)


def remove(control: ControlStore, spool: Path, name: str, *, reason: str | None) -> None:
    """Take an objective away, a default too; its history stays. Raises SettingsError when there is none."""
    with control.transaction() as connection:
        if name not in _held(connection):
            raise SettingsError(_unknown(name))
        _change(connection, spool, name, None, reason)


def _held(connection: sa.Connection) -> dict[str, Objective]:
    rows = connection.execute(sa.select(objectives.c.name, objectives.c.definition)).all()
    changed: dict[str, str | None] = {row.name: row.definition for row in rows}
    defaults = {one.name: one for one in DEFAULTS if one.name not in changed}
    return defaults | {name: from_json(definition) for name, definition in changed.items() if definition is not None}


def _change(connection: sa.Connection, spool: Path, name: str, definition: str | None, reason: str | None) -> None:
    """A removed one leaves its name behind, so that a default stays removed."""
    at_us = now_us()
    connection.execute(objectives.delete().where(objectives.c.name == name))
    connection.execute(objectives.insert().values(name=name, definition=definition, changed_us=at_us))
    event = ObjectiveEvent(at_us=at_us, name=name, definition=definition, changed_by=who(), reason=reason)
    put_on_spool(spool, [event])


def _unknown(name: str) -> str:
    return f"there is no objective {name}; `scalix objective list` names them"
