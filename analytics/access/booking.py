"""Brings what the gateway has counted in line with the ledger: once a call is booked there, the ledger's word holds."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from analytics.access import spending
from scalix.events import PICODOLLARS
from scalix.store import sqlfiles
from scalix.store.tables.access import charges
from scalix.times import MICROSECONDS, from_us

if TYPE_CHECKING:
    from collections.abc import Mapping

    from analytics.reading import Readable
    from scalix.store.control import ControlStore

MOST_AT_ONCE = 2000
RIPE_S = {spending.SETTLED: 5, spending.LOST: 60}
"""So long after a call was made, and has ended, all events of its attempts have been taken in."""
GIVEN_UP_S = 7 * 86400
"""A charge that the ledger still does not know after so long stays as it was counted."""


def book_charges(control: ControlStore, ledger: Readable, *, now_us: int) -> int:
    """Book the calls that the ledger knows by now. Returns how many. Raises StoreError."""
    waiting = _waiting(control, now_us)
    if not waiting:
        return 0
    since = from_us(min(waiting.values())) - timedelta(minutes=1)
    asked: dict[str, object] = {"since": since, "until": from_us(now_us), "calls": list(waiting)}
    rows = ledger.read(sqlfiles.text("access/costs_of_calls"), asked).to_dicts()
    costs = {row["call_id"]: None if row["unknown"] else int((row["total_usd"] or 0) * PICODOLLARS) for row in rows}
    old = [one for one, made_us in waiting.items() if made_us < now_us - GIVEN_UP_S * MICROSECONDS]
    return book(control, {**dict.fromkeys(old), **costs}, now_us=now_us)


def book(control: ControlStore, costs: Mapping[str, int | None], *, now_us: int) -> int:
    """Take over what calls cost in picodollars; None leaves what was counted. Returns how many there were."""
    with control.transaction() as connection:
        for call, cost in costs.items():
            spending.adjust(connection, call, cost, now_us=now_us)
    return len(costs)


def _waiting(control: ControlStore, now_us: int) -> dict[str, int]:
    """Calls that have ended, and when they were made; the oldest."""
    ripe = [
        sa.and_(charges.c.state == state, charges.c.made_us < now_us - age_s * MICROSECONDS)
        for state, age_s in RIPE_S.items()
    ]
    wanted = sa.select(charges.c.id, charges.c.made_us).where(sa.or_(*ripe))
    wanted = wanted.order_by(charges.c.made_us).limit(MOST_AT_ONCE)
    with control.reading() as connection:
        return dict(iter(connection.execute(wanted)))
