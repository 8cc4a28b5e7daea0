"""Budgets before the call: what it can cost at most is reserved, and settled with what it did cost.

One transaction decides, whichever worker asks, so calls at the same time cannot spend the same dollar.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import uuid4

import sqlalchemy as sa

from scalix.events import PICODOLLARS
from scalix.store.tables.keys import keys, reservations
from scalix.times import MICROSECONDS, now_us

if TYPE_CHECKING:
    from scalix.store.control import ControlStore

LONGEST_CALL_S = 3600
"""A reservation older than this belongs to a call whose end nobody saw; its amount counts as spent."""


@dataclass(frozen=True)
class Refusal:
    """Why a call is not let through."""

    spent_usd: Decimal
    reserved_usd: Decimal
    limit_usd: Decimal


def reserve(control: ControlStore, prefix: str, amount_pusd: int) -> str | Refusal:
    """Set an amount of a key's budget aside. Returns the reservation's id, or why there is not enough left."""
    with control.transaction() as connection:
        _expire(connection, prefix)
        row = connection.execute(sa.select(keys.c.budget_pusd, keys.c.spent_pusd).where(keys.c.prefix == prefix)).one()
        total = sa.select(sa.func.coalesce(sa.func.sum(reservations.c.amount_pusd), 0))
        held = connection.execute(total.where(reservations.c.prefix == prefix)).scalar_one()
        if row.budget_pusd is not None and row.spent_pusd + held + amount_pusd > row.budget_pusd:
            return Refusal(*(Decimal(amount) / PICODOLLARS for amount in (row.spent_pusd, held, row.budget_pusd)))
        reservation = uuid4().hex
        connection.execute(
            reservations.insert().values(id=reservation, prefix=prefix, amount_pusd=amount_pusd, made_us=now_us())
        )
    return reservation


def settle(control: ControlStore, reservation: str, cost_pusd: int | None) -> None:
    """Replace a reservation by the cost, or by all of it when that is unknown. A second time changes nothing."""
    with control.transaction() as connection:
        this = reservations.c.id == reservation
        row = connection.execute(sa.select(reservations).where(this)).first()
        if row is None:
            return
        connection.execute(reservations.delete().where(this))
        _spend(connection, row.prefix, row.amount_pusd if cost_pusd is None else cost_pusd)


def release(control: ControlStore, reservation: str) -> None:
    """Give a reservation back: the call failed and cost nothing."""
    settle(control, reservation, 0)


def _expire(connection: sa.Connection, prefix: str) -> None:
    old = sa.and_(reservations.c.prefix == prefix, reservations.c.made_us < now_us() - LONGEST_CALL_S * MICROSECONDS)
    lost = connection.execute(sa.select(sa.func.sum(reservations.c.amount_pusd)).where(old)).scalar()
    if lost:
        connection.execute(reservations.delete().where(old))
        _spend(connection, prefix, lost)


def _spend(connection: sa.Connection, prefix: str, amount_pusd: int) -> None:
    more = keys.c.spent_pusd + amount_pusd
    connection.execute(keys.update().where(keys.c.prefix == prefix).values(spent_pusd=more))
