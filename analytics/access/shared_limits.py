"""Limits under a name, which many keys, users and teams can have: LiteLLM's ``/budget``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from analytics.access import changes
from analytics.access import limits as limits_
from scalix.errors import NotThereError, SettingsError
from scalix.store.tables.access import accounts, budgets
from scalix.times import now_us

if TYPE_CHECKING:
    from analytics.access.limits import Limits
    from scalix.store.control import ControlStore


def keep(control: ControlStore, budget_id: str, limits: Limits, *, by: str, replace: bool) -> None:
    """Add limits under a name, or change them. Raises SettingsError when they are there, or are not."""
    at_us, kept = now_us(), limits_.to_json(limits)
    mine = budgets.c.id == budget_id
    with control.transaction() as connection:
        there = connection.execute(sa.select(budgets.c.id).where(mine)).first() is not None
        if there != replace:
            raise SettingsError(
                f"there is {'no' if replace else 'a'} budget {budget_id}{'' if replace else ' already'}"
            )
        if replace:
            connection.execute(budgets.update().where(mine).values(limits=kept))
        else:
            connection.execute(budgets.insert().values(id=budget_id, limits=kept, created_us=at_us))
        changes.note(connection, ("budget", budget_id), "changed" if replace else "created", by=by, now_us=at_us)


def remove(control: ControlStore, budget_id: str, *, by: str) -> None:
    """Take them away. Raises SettingsError while somebody has them: their limits would be gone."""
    with control.transaction() as connection:
        if connection.execute(sa.select(accounts.c.id).where(accounts.c.budget_id == budget_id)).first():
            raise SettingsError(f"budget {budget_id} is in use: give those who have it another one first")
        if not connection.execute(budgets.delete().where(budgets.c.id == budget_id)).rowcount:
            raise NotThereError(f"there is no budget {budget_id}")
        changes.note(connection, ("budget", budget_id), "removed", by=by, now_us=now_us())


def listed(control: ControlStore, names: list[str] | None = None) -> list[tuple[str, Limits, int]]:
    """Name, limits and when they were made, of all or of these. Raises StoreError."""
    wanted = sa.select(budgets).order_by(budgets.c.id)
    if names is not None:
        wanted = wanted.where(budgets.c.id.in_(names))
    with control.reading() as connection:
        return [(row.id, limits_.from_json(row.limits), row.created_us) for row in connection.execute(wanted)]
