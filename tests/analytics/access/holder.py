"""A key of a test, and clocks that are set by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import uuid4

from analytics.access import keys, spending
from analytics.access.clock import Clock
from analytics.access.spending import Call, Offer, Refusal
from scalix.times import to_us

if TYPE_CHECKING:
    from decimal import Decimal

    from analytics.access.accounts import Account, Name
    from scalix.store.control import ControlStore

USD = 10**12
START_US = to_us(datetime(2026, 3, 28, 12, 0, 30, tzinfo=UTC))


@dataclass
class Hands:
    """Clocks to be set by hand."""

    wall_us: int = START_US
    mono_us: int = 10**12

    def clock(self, boot: str = "here") -> Clock:
        return Clock(now_us=lambda: self.wall_us, mono_us=lambda: self.mono_us, boot=boot)


@dataclass
class Holder:
    """One key of a test, and what is done with it."""

    control: ControlStore
    id: str
    accounts: tuple[Name, ...]
    hands: Hands
    owner: str = "me"

    def reserve(self, amount: int | None, *, tokens: int = 0, boot: str = "here") -> str | Refusal:
        return self.choose(Offer(amount, tokens), boot=boot)[0]

    def choose(self, *offers: Offer, boot: str = "here") -> tuple[str | Refusal, Offer | None]:
        call = Call(str(uuid4()), self.accounts, offers)
        with self.control.transaction() as connection:
            outcome = spending.reserve(connection, self.hands.clock(boot), self.owner, call)
        return (outcome, None) if isinstance(outcome, Refusal) else (call.id, outcome)

    def settle(self, charge: object, cost: int | None, tokens: int | None = None) -> None:
        assert isinstance(charge, str), charge
        with self.control.transaction() as connection:
            spending.settle(connection, charge, cost, tokens, now_us=self.hands.wall_us)

    @property
    def state(self) -> Account:
        return keys.named(self.control, self.id).account

    def money(self) -> tuple[Decimal, Decimal]:
        state = self.state
        return state.spent_usd, state.reserved_usd
