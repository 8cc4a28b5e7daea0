"""Where budgets are kept: what holds now in the control store, each change as a fact on the spool."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from analytics.budgets.definitions import Budget, checked, from_json, to_json
from analytics.facts import put_on_spool, who
from scalix.errors import SettingsError
from scalix.events import BudgetEvent
from scalix.store import sqlfiles
from scalix.store.tables.budgets import budgets
from scalix.times import now_us

if TYPE_CHECKING:
    from pathlib import Path

    from analytics.reading import Readable
    from scalix.store.control import ControlStore


def all_budgets(control: ControlStore) -> list[Budget]:
    """Every budget, by name. Raises StoreError."""
    with control.transaction() as connection:
        rows = connection.execute(sa.select(budgets.c.definition).order_by(budgets.c.name)).all()
    return [from_json(definition) for (definition,) in rows]


def budget_named(control: ControlStore, name: str) -> Budget:
    """The budget of a name. Raises SettingsError when there is none."""
    found = next((one for one in all_budgets(control) if one.name == name), None)
    if found is None:
        raise SettingsError(f"there is no budget {name}; `scalix budget list` names them")
    return found


def keep(
    control: ControlStore, spool: Path, budget: Budget, *, reason: str | None, replace: bool, by: str | None = None
) -> None:
    """Add a budget, or change the one of its name. Raises SettingsError when it is there, or is not.

    ``by`` says who changed it; otherwise this process' user.
    """
    definition, at_us = to_json(checked(budget)), now_us()
    with control.transaction() as connection:
        named = budgets.c.name == budget.name
        exists = connection.execute(sa.select(budgets.c.name).where(named)).first() is not None
        if exists and not replace:
            raise SettingsError(f"there is a budget {budget.name} already; change it with `scalix budget edit`")
        if replace and not exists:
            raise SettingsError(f"there is no budget {budget.name}; `scalix budget list` names them")
        connection.execute(budgets.delete().where(named))
        connection.execute(budgets.insert().values(name=budget.name, definition=definition, changed_us=at_us))
        _note(spool, budget.name, definition, reason, at_us=at_us, by=by)


def remove(control: ControlStore, spool: Path, name: str, *, reason: str | None, by: str | None = None) -> None:
    """Take a budget away; its history stays. Raises SettingsError when there is none."""
    with control.transaction() as connection:
        if not connection.execute(budgets.delete().where(budgets.c.name == name)).rowcount:
            raise SettingsError(f"there is no budget {name}; `scalix budget list` names them")
        _note(spool, name, None, reason, at_us=now_us(), by=by)


def catch_up(control: ControlStore, ledger: Readable) -> int:
    """Take over what the ledger knows of later changes than the store does; returns how many budgets changed.

    For a control store that was put back from a copy. Raises StoreError.
    """
    changes = ledger.read(sqlfiles.text("budgets/latest_changes")).rows()
    changed = 0
    with control.transaction() as connection:
        rows = connection.execute(sa.select(budgets.c.name, budgets.c.changed_us)).all()
        known = dict(rows)
        for name, changed_us, definition in changes:
            if changed_us <= known.get(name, -1):
                continue
            connection.execute(budgets.delete().where(budgets.c.name == name))
            if definition is not None:
                connection.execute(budgets.insert().values(name=name, definition=definition, changed_us=changed_us))
            changed += definition is not None or name in known
    return changed


def _note(spool: Path, name: str, definition: str | None, reason: str | None, *, at_us: int, by: str | None) -> None:
    event = BudgetEvent(at_us=at_us, name=name, definition=definition, changed_by=by or who(), reason=reason)
    put_on_spool(spool, [event])
