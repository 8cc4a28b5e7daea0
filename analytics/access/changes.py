"""The history of keys, users, teams and their budgets: who did what, when. Never a secret."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import sqlalchemy as sa

from scalix.store.tables.access import changes

if TYPE_CHECKING:
    from analytics.access.accounts import Name
    from scalix.store.control import ControlStore

_LAST = sa.select(sa.func.max(changes.c.number))


def note(
    connection: sa.Connection, account: Name, action: str, *, by: str, now_us: int, detail: dict[str, Any] | None = None
) -> None:
    """Keep a change, in the transaction that makes it."""
    kind, identifier = account
    kept = None if detail is None else msgspec.json.encode(detail).decode()
    connection.execute(
        changes.insert().values(at_us=now_us, kind=kind, id=identifier, action=action, changed_by=by, detail=kept)
    )


def latest(control: ControlStore, most: int, account: Name | None = None) -> list[dict[str, Any]]:
    """at_us, kind, id, action, changed_by and detail, the latest first. Raises StoreError."""
    wanted = sa.select(changes).order_by(changes.c.number.desc()).limit(most)
    if account is not None:
        wanted = wanted.where(changes.c.kind == account[0], changes.c.id == account[1])
    with control.reading() as connection:
        return [dict(row) for row in connection.execute(wanted).mappings()]


def last_number(connection: sa.Connection) -> int:
    """The number of the last change; 0 before the first."""
    return int(connection.execute(_LAST).scalar() or 0)
