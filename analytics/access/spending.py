"""Budgets before the call: what it can cost at most is reserved, and settled with what it did cost.

One transaction decides, whichever process asks, so calls at the same time cannot spend the same dollar. Every account
of a call, its key's, its user's and its team's, has to have room.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from analytics.access import changes, rates
from analytics.access.accounts import ONE, limits_of, naming, next_end, row_of
from scalix.errors import BudgetExceededError, ScalixError
from scalix.events import PICODOLLARS
from scalix.store.tables.access import accounts, charges

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analytics.access.accounts import Name
    from analytics.access.clock import Clock
    from analytics.access.limits import Limits

HELD, LOST, SETTLED = "held", "lost", "settled"
Seen = dict["Name", dict[str, Any]]
"""Accounts as they are within one transaction."""
_COUNTED = (
    "window_end_us",
    "spent_pusd",
    "held_pusd",
    "calls_held",
    "last_used_us",
    *("minute", "requests", "tokens", "requests_before", "tokens_before"),
)
# Built once, see `accounts.ROWS`. A window that has made room for the next keeps what it had.
_COUNT = (
    accounts.update()
    .where(ONE)
    .values(
        **{name: sa.bindparam(f"new_{name}") for name in _COUNTED},
        last_client=sa.func.coalesce(sa.bindparam("client", type_=sa.String), accounts.c.last_client),
    )
)
_BOOK = (
    accounts.update()
    .where(ONE)
    .values(
        held_pusd=accounts.c.held_pusd - sa.bindparam("less_held"),
        calls_held=accounts.c.calls_held - sa.bindparam("less_calls"),
        spent_pusd=sa.case(
            (accounts.c.window_end_us > sa.bindparam("ended_us"), accounts.c.spent_pusd),
            else_=accounts.c.spent_pusd + sa.bindparam("more_spent"),
        ),
        **rates.corrected(),
    )
)
_REFUSED = accounts.update().where(ONE).values(refused=accounts.c.refused + 1)
_CHARGE = sa.select(charges).where(charges.c.id == sa.bindparam("of_id"))
_NEW_CHARGE = charges.insert()
_END = (
    charges.update()
    .where(charges.c.id == sa.bindparam("of_id"))
    .values(state=sa.bindparam("new_state"), amount_pusd=sa.bindparam("new_amount"))
)
_DONE = charges.delete().where(charges.c.id == sa.bindparam("of_id"))


@dataclass(frozen=True)
class Offer:
    """What a call costs at most if it goes to one of these deployments, and how many tokens it takes at most.

    ``most_pusd`` is None where nobody knows; ``deployments`` is None for all of its group.
    """

    most_pusd: int | None
    tokens: int = 0
    deployments: frozenset[str] | None = None


@dataclass(frozen=True)
class Call:
    """A call to be let through. Of its offers the dearest comes first: each that follows narrows it to cheaper ones."""

    id: str
    accounts: tuple[Name, ...]
    offers: tuple[Offer, ...]
    client: str | None = None
    as_of: int | None = None
    """The change up to which it is known whose call this is; None where that was read just now."""


class OutdatedError(ScalixError):
    """Keys, people or budgets have changed since it was found out whose call this is."""


@dataclass(frozen=True)
class Refusal:
    """Why a call is not let through: the account, what is used up, and when there is room again."""

    account: Name
    alias: str | None
    reason: str
    """``budget``, ``unknown_price``, ``requests``, ``tokens`` or ``parallel``."""
    spent_usd: Decimal = Decimal(0)
    reserved_usd: Decimal = Decimal(0)
    limit: Decimal = Decimal(0)
    reset_us: int | None = None
    may_pass_soon: bool = False
    """Calls under way hold what is missing, and may give it back."""


@dataclass
class _Row:
    """An account within a transaction."""

    name: Name
    alias: str | None
    limits: Limits
    values: dict[str, Any]
    end_us: int | None


def reserve(
    connection: sa.Connection, clock: Clock, owner: str, call: Call, seen: Seen | None = None
) -> Offer | Refusal:
    """Set aside what the call can cost, of every account. Returns the offer that it may take, or why there is none.

    ``seen`` spares the many calls of one transaction, in which nothing else changes, to read the same accounts again.
    Raises OutdatedError when its caller has to be asked for their key again.
    """
    if call.as_of is not None and call.as_of != changes.last_number(connection):
        raise OutdatedError(f"something has changed since {call.as_of}: look up the key again")
    seen = {} if seen is None else seen
    rows = _accounts(connection, call.accounts, clock.now_us(), seen)
    if len(rows) != len(set(call.accounts)):
        raise BudgetExceededError(f"an account of {call.accounts} is gone")
    taken: Offer | Refusal = _first_refusal(rows, call.offers[0]) or _choice(rows, call.offers)
    if isinstance(taken, Offer):
        _count(connection, call, taken, rows, seen)
        connection.execute(_NEW_CHARGE, {"owner": owner, **_charge(clock, call, taken, rows)})
    return taken


def must_wait(connection: sa.Connection, clock: Clock, call: Call, seen: Seen) -> bool:
    """Whether a call still lacks what others may give back. Only looks; nothing is reserved."""
    rows = _accounts(connection, call.accounts, clock.now_us(), seen)
    outcome = _first_refusal(rows, call.offers[0]) or _choice(rows, call.offers)
    return isinstance(outcome, Refusal) and outcome.may_pass_soon


def note_refusal(connection: sa.Connection, refusal: Refusal) -> None:
    """Count a refusal, for people to see."""
    connection.execute(_REFUSED, naming(refusal.account))


def settle(
    connection: sa.Connection, charge: str, cost_pusd: int | None, tokens: int | None = None, *, now_us: int
) -> None:
    """Replace what was reserved by the cost; by all of it as long as that is unknown. A second time changes nothing."""
    row = connection.execute(_CHARGE, {"of_id": charge}).first()
    if row is None or row.state == SETTLED or (row.state == LOST and cost_pusd is None):
        return
    amount = row.amount_pusd if cost_pusd is None else max(cost_pusd, 0)
    _book(connection, row, amount, tokens, now_us)
    state = LOST if cost_pusd is None else SETTLED
    connection.execute(_END, {"of_id": charge, "new_state": state, "new_amount": amount})


def lose(connection: sa.Connection, condition: sa.ColumnElement[bool], *, now_us: int) -> int:
    """Count calls whose end nobody saw as spent, until the ledger tells what they cost. Returns how many."""
    found = connection.execute(sa.select(charges.c.id).where(charges.c.state == HELD, condition)).all()
    for (charge,) in found:
        settle(connection, charge, None, now_us=now_us)
    return len(found)


def adjust(connection: sa.Connection, charge: str, cost_pusd: int | None, *, now_us: int) -> None:
    """The ledger has booked a call: what it says takes the place of what was counted, and the charge is done with."""
    row = connection.execute(_CHARGE, {"of_id": charge}).first()
    if row is None:
        return
    _book(connection, row, row.amount_pusd if cost_pusd is None else max(cost_pusd, 0), None, now_us)
    connection.execute(_DONE, {"of_id": charge})


def _accounts(connection: sa.Connection, names: Sequence[Name], now_us: int, seen: Seen) -> list[_Row]:
    """The accounts that there are, their windows and minutes brought up to now."""
    rows = []
    for name in sorted(set(names)):
        values = seen[name] if name in seen else row_of(connection, name)
        if values is not None:
            seen[name] = values
            rows.append(_row(dict(values), now_us))
    return rows


def _row(values: dict[str, Any], now_us: int) -> _Row:
    limits = limits_of(values)
    end = next_end(limits, values, now_us)
    if values["window_end_us"] is not None and end != values["window_end_us"] and values["window_end_us"] <= now_us:
        values["spent_pusd"] = 0
    values.update(rates.rolled(values, now_us), now_us=now_us)
    return _Row((values["kind"], values["id"]), values["alias"], limits, values, end)


def _first_refusal(rows: list[_Row], offer: Offer) -> Refusal | None:
    """Limits that have nothing to do with money."""
    for row in rows:
        limit = row.limits.parallel
        if limit is not None and row.values["calls_held"] >= limit:
            return _refusal(row, "parallel", limit=Decimal(limit))
        over = rates.exceeded(row.values, row.limits, offer.tokens)
        if over is not None:
            return _refusal(row, over[0], limit=Decimal(over[1]), reset_us=over[2])
    return None


def _choice(rows: list[_Row], offers: Sequence[Offer]) -> Offer | Refusal:
    """The dearest offer that every account has room for; the cheapest where one of them is to be degraded."""
    degraded = any(_degraded(row) for row in rows)
    refusal: Refusal | None = None
    for offer in offers[-1:] if degraded else offers:
        refusal = next((found for row in rows if (found := _over_budget(row, offer)) is not None), None)
        if refusal is None:
            return offer
    if refusal is None:
        raise BudgetExceededError("a call without an offer")
    return refusal


def _degraded(row: _Row) -> bool:
    budget, percent = row.limits.budget_pusd, row.limits.degrade_percent
    if budget is None or percent is None:
        return False
    return bool((row.values["spent_pusd"] + row.values["held_pusd"]) * 100 >= budget * percent)


def _over_budget(row: _Row, offer: Offer) -> Refusal | None:
    budget = row.limits.budget_pusd
    if budget is None or offer.most_pusd == 0:
        return None
    if offer.most_pusd is None:
        return _refusal(row, "unknown_price", limit=Decimal(budget) / PICODOLLARS)
    spent, held = row.values["spent_pusd"], row.values["held_pusd"]
    if spent + held + offer.most_pusd <= budget:
        return None
    soon = spent + offer.most_pusd <= budget
    return _refusal(row, "budget", limit=Decimal(budget) / PICODOLLARS, reset_us=row.end_us, soon=soon)


def _refusal(row: _Row, reason: str, *, limit: Decimal, reset_us: int | None = None, soon: bool = False) -> Refusal:
    return Refusal(
        account=row.name,
        alias=row.alias,
        reason=reason,
        spent_usd=Decimal(row.values["spent_pusd"]) / PICODOLLARS,
        reserved_usd=Decimal(row.values["held_pusd"]) / PICODOLLARS,
        limit=limit,
        reset_us=reset_us,
        may_pass_soon=soon,
    )


def _count(connection: sa.Connection, call: Call, offer: Offer, rows: list[_Row], seen: Seen) -> None:
    for row in rows:
        values = row.values
        counted = {
            "window_end_us": row.end_us,
            "spent_pusd": values["spent_pusd"],
            "held_pusd": values["held_pusd"] + (offer.most_pusd or 0),
            "calls_held": values["calls_held"] + 1,
            "last_used_us": values["now_us"],
            **rates.counted(values, offer.tokens),
        }
        given = {f"new_{name}": counted[name] for name in _COUNTED}
        connection.execute(_COUNT, {**naming(row.name), **given, "client": call.client})
        seen[row.name] = {**values, **counted}


def _charge(clock: Clock, call: Call, offer: Offer, rows: list[_Row]) -> dict[str, Any]:
    return {
        "id": call.id,
        "accounts": json.dumps([[*row.name, row.end_us] for row in rows]),
        "amount_pusd": offer.most_pusd or 0,
        "tokens": offer.tokens,
        "state": HELD,
        "boot": clock.boot,
        "made_mono_us": clock.mono_us(),
        "made_us": clock.now_us(),
    }


def _book(connection: sa.Connection, charge: Any, amount: int, tokens: int | None, now_us: int) -> None:
    """Bring what is counted for a charge to this amount."""
    held = charge.state == HELD
    given = {
        "less_held": charge.amount_pusd if held else 0,
        "less_calls": 1 if held else 0,
        "more_spent": amount if held else amount - charge.amount_pusd,
        **rates.correction(charge, tokens if held else None),
    }
    for kind, identifier, window_end in json.loads(charge.accounts):
        ended = window_end if window_end is not None and window_end <= now_us else None
        connection.execute(_BOOK, {**naming((kind, identifier)), **given, "ended_us": ended})
