"""Accounts: keys, users and teams as what has limits and spends. What they all share."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

import sqlalchemy as sa

from analytics.access import limits as limits_
from analytics.access.limits import Limits
from scalix.errors import NotThereError, SettingsError
from scalix.events import PICODOLLARS
from scalix.store.tables.access import accounts, budgets

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Kind = Literal["key", "user", "team"]
Name = tuple[str, str]
"""Kind and id."""
NO_LIMITS = Limits()
LONGEST_NAME = 256
# Building a statement takes ten times as long as running it, so those of every call are built once.
ROWS = sa.select(accounts, budgets.c.limits.label("budget")).select_from(
    accounts.outerjoin(budgets, accounts.c.budget_id == budgets.c.id)
)
ONE = (accounts.c.kind == sa.bindparam("of_kind")) & (accounts.c.id == sa.bindparam("of_id"))
"""The condition that an account is the one named by `naming`."""
_ONE_ROW = ROWS.where(ONE)


@dataclass(frozen=True)
class Account:
    """One account as it stands. Amounts are of the present window."""

    kind: str
    id: str
    alias: str | None
    own: Limits
    """Its own limits, without those of its budget."""
    limits: Limits
    budget_id: str | None
    blocked: bool
    created_us: int
    window_end_us: int | None
    """When the budget begins anew."""
    spent_usd: Decimal
    reserved_usd: Decimal
    calls: int
    """Calls under way."""
    refused: int
    last_used_us: int | None
    last_client: str | None

    @property
    def left_usd(self) -> Decimal | None:
        """What may still be reserved; None without a budget."""
        budget = self.limits.budget_usd
        return None if budget is None else budget - self.spent_usd - self.reserved_usd


def found(
    connection: sa.Connection, condition: sa.ColumnElement[bool], *, now_us: int, most: int | None = None
) -> list[Account]:
    """The accounts that a condition holds for, the newest first."""
    wanted = ROWS.where(condition).order_by(accounts.c.created_us.desc(), accounts.c.id).limit(most)
    rows = connection.execute(wanted).mappings()
    return [_account(dict(row), now_us) for row in rows]


def one(connection: sa.Connection, name: Name, *, now_us: int) -> Account | None:
    """One account."""
    row = row_of(connection, name)
    return None if row is None else _account(row, now_us)


def row_of(connection: sa.Connection, name: Name) -> dict[str, Any] | None:
    """One account as it is kept, and the limits of its ``budget``."""
    row = connection.execute(_ONE_ROW, naming(name)).mappings().first()
    return None if row is None else dict(row)


def naming(name: Name) -> dict[str, Any]:
    """The values for `ONE`."""
    return {"of_kind": name[0], "of_id": name[1]}


def named(names: Iterable[Name]) -> sa.ColumnElement[bool]:
    """The condition that an account is one of these."""
    return sa.or_(
        sa.false(), *(sa.and_(accounts.c.kind == kind, accounts.c.id == identifier) for kind, identifier in names)
    )


def limits_of(row: Mapping[str, Any]) -> Limits:
    """The limits that hold for a row of accounts joined with its budget."""
    own = limits_.from_json(row["limits"])
    return own if row["budget"] is None else own.over(limits_.from_json(row["budget"]))


def _account(row: Mapping[str, Any], now_us: int) -> Account:
    limits = limits_of(row)
    end = row["window_end_us"]
    over = limits.window is not None and end is not None and end <= now_us
    return Account(
        kind=row["kind"],
        id=row["id"],
        alias=row["alias"],
        own=limits_.from_json(row["limits"]),
        limits=limits,
        budget_id=row["budget_id"],
        blocked=row["blocked"],
        created_us=row["created_us"],
        window_end_us=next_end(limits, row, now_us) if limits.window else None,
        spent_usd=Decimal(0 if over else row["spent_pusd"]) / PICODOLLARS,
        reserved_usd=Decimal(row["held_pusd"]) / PICODOLLARS,
        calls=row["calls_held"],
        refused=row["refused"],
        last_used_us=row["last_used_us"],
        last_client=row["last_client"],
    )


def next_end(limits: Limits, row: Mapping[str, Any], now_us: int) -> int | None:
    """When the present window of a row ends: as it is kept, unless that has passed."""
    if limits.window is None:
        return None
    end: int | None = row["window_end_us"]
    newest = limits_.window_end(limits.window, row["created_us"], now_us)
    return end if end is not None and now_us < end <= newest else newest


def add(connection: sa.Connection, account: Name, *, now_us: int, **values: Any) -> None:
    """Add an account. Raises SettingsError when there is one of that name."""
    kind, identifier = account
    if not (0 < len(identifier) <= LONGEST_NAME and identifier.isprintable()):
        raise SettingsError(f"a {kind} needs a printable name of up to {LONGEST_NAME} characters")
    if connection.execute(sa.select(accounts.c.id).where(named([account]))).first():
        raise SettingsError(f"there is a {kind} {identifier} already")
    limits = values.pop("limits", None) or NO_LIMITS
    _budget_exists(connection, values.get("budget_id"))
    connection.execute(
        accounts.insert().values(kind=kind, id=identifier, limits=limits_.to_json(limits), created_us=now_us, **values)
    )


def ensure(connection: sa.Connection, account: Name, *, now_us: int) -> None:
    """Add an account without limits unless it is there: whoever has a key spends under a name."""
    if not connection.execute(sa.select(accounts.c.id).where(named([account]))).first():
        add(connection, account, now_us=now_us)


def change(connection: sa.Connection, account: Name, **values: Any) -> None:
    """Change ``limits``, ``alias``, ``budget_id`` or ``blocked`` of an account. Raises SettingsError without one."""
    limits = values.pop("limits", None)
    if limits is not None:
        values["limits"] = limits_.to_json(limits)
    _budget_exists(connection, values.get("budget_id"))
    changed = accounts.update().where(named([account])).values(**values)
    if values and not connection.execute(changed).rowcount:
        raise NotThereError(f"there is no {account[0]} {account[1]}")


def remove(connection: sa.Connection, account: Name) -> None:
    """Take an account away. Raises SettingsError when it is not there."""
    if not connection.execute(accounts.delete().where(named([account]))).rowcount:
        raise NotThereError(f"there is no {account[0]} {account[1]}")


def _budget_exists(connection: sa.Connection, budget_id: str | None) -> None:
    if budget_id is None:
        return
    if not connection.execute(sa.select(budgets.c.id).where(budgets.c.id == budget_id)).first():
        raise NotThereError(f"there is no budget {budget_id}: make it with /budget/new")
