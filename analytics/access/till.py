"""The till: one thread per process that takes all reservations and settlements to the control store, many at a time.

What arrives while one transaction is under way goes into the next, so a hundred calls at once wait for a few commits
and not for a hundred. A call that only lacks what others are about to give back waits a moment before it is refused,
and longer as long as they go on ending.
"""

from __future__ import annotations

import queue
import threading
import time
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import uuid4

import sqlalchemy as sa

from analytics.access import spending
from analytics.access.clock import Clock
from analytics.access.spending import HELD, Call, Offer, Refusal
from scalix.errors import ScalixError, StoreError
from scalix.store.tables.access import charges

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

    from analytics.access.accounts import Name
    from scalix.store.control import ControlStore

LONGEST_CALL_S = 3600.0
"""A reservation older than this belongs to a call whose end nobody saw; its amount counts as spent."""
PATIENCE_S = 2.0
"""So long a call waits for what others may give back, and again each time that one of them ended meanwhile."""
MOST_PATIENCE = 15
"""So many times that at most."""
RETRY_S = 0.02
"""How often waiting calls are tried again: calls of other processes may have ended."""
SWEEP_S = 1.0
MOST_AT_ONCE = 256
AGAIN_S = 0.5
"""How long settlements rest that the store could not take."""


@dataclass
class _Asked:
    """A call that wants to be let through."""

    call: Call
    latest: float
    until: float = 0.0
    """Until when it waits, once it has been tried."""
    seen: tuple[Name, Decimal] | None = None
    """What kept it back when it was tried last, and what had been spent of that."""
    answer: Future[Offer | Refusal] = field(default_factory=Future)


@dataclass
class _Ended:
    """A call that came to its end."""

    charge: str
    cost_pusd: int | None
    tokens: int | None
    answer: Future[None] = field(default_factory=Future)


class Till:
    """Safe to use from any thread. ``close`` settles what was handed in and refuses nothing."""

    def __init__(
        self,
        control: ControlStore,
        *,
        clock: Clock | None = None,
        owner: str | None = None,
        patience_s: float = PATIENCE_S,
        longest_call_s: float = LONGEST_CALL_S,
    ) -> None:
        self._control = control
        self._clock = clock or Clock()
        self.owner = owner or uuid4().hex
        self._patience_s = patience_s
        self._longest_us = round(longest_call_s * 1_000_000)
        self._desk: queue.SimpleQueue[_Asked | _Ended | None] = queue.SimpleQueue()
        self._waiting: list[_Asked] = []
        self._unsettled: list[_Ended] = []
        self._foreign: dict[str, int] = {}
        self._next_sweep = 0.0
        self._thread = threading.Thread(target=self._run, name="till", daemon=True)
        self._thread.start()

    def reserve(self, call: Call) -> Future[Offer | Refusal]:
        """Ask for a call to be let through. The future may raise StoreError: then it must not be made."""
        asked = _Asked(call, time.monotonic() + MOST_PATIENCE * self._patience_s)
        self._desk.put(asked)
        return asked.answer

    def settle(self, charge: str, cost_pusd: int | None, tokens: int | None = None) -> Future[None]:
        """A call has ended; None is a cost that nobody knows, for which all that was reserved is taken."""
        ended = _Ended(charge, cost_pusd, tokens)
        self._desk.put(ended)
        return ended.answer

    def close(self) -> None:
        """Do what was handed in, then stop."""
        self._desk.put(None)
        self._thread.join()

    def _run(self) -> None:
        open_ = True
        while open_ or self._waiting:
            batch, open_ = self._batch(open_)
            due = time.monotonic() >= self._next_sweep
            if batch or self._unsettled or due or self._moved():
                self._serve(batch, sweep=due)
        for end in self._unsettled:
            end.answer.set_exception(StoreError("the control store could not be reached until the end"))

    def _batch(self, open_: bool) -> tuple[list[_Asked | _Ended], bool]:
        """What has been handed in; waits for something as long as nothing else is due."""
        found: list[_Asked | _Ended] = []
        pause = max(self._next_sweep - time.monotonic(), 0.0)
        pause = min(pause, RETRY_S if self._waiting else pause, AGAIN_S if self._unsettled else pause)
        with suppress(queue.Empty):
            while len(found) < MOST_AT_ONCE:
                one = self._desk.get(block=not found, timeout=pause)
                if one is None:
                    return found, False
                # Whoever has gone while they waited for their turn needs no answer. From here on all are answered.
                if one.answer.set_running_or_notify_cancel():
                    found.append(one)
        return found, open_

    def _moved(self) -> bool:
        """Whether somebody's waiting is at its end. Looking holds up nobody who writes, trying would.

        Of those with the same accounts the call that needs least and the one that needs most tell about all.
        """
        if any(asked.until <= time.monotonic() for asked in self._waiting):
            return True
        alike: dict[tuple[Name, ...], list[Call]] = {}
        for asked in self._waiting:
            alike.setdefault(asked.call.accounts, []).append(asked.call)
        telling = [call for calls in alike.values() for call in (min(calls, key=_least), max(calls, key=_least))]
        try:
            with self._control.reading() as connection:
                seen: spending.Seen = {}
                return not all(spending.must_wait(connection, self._clock, call, seen) for call in telling)
        except StoreError:
            return True

    def _serve(self, batch: list[_Asked | _Ended], *, sweep: bool) -> None:
        """One transaction: ends first, since they make room, then those who wait, in their order."""
        ended = [*self._unsettled, *(one for one in batch if isinstance(one, _Ended))]
        asked = [*self._waiting, *(one for one in batch if isinstance(one, _Asked))]
        answers: list[Offer | Refusal | ScalixError | None] = []
        try:
            with self._control.transaction() as connection:
                for end in ended:
                    spending.settle(connection, end.charge, end.cost_pusd, end.tokens, now_us=self._clock.now_us())
                if sweep:
                    self._sweep(connection)
                seen: spending.Seen = {}
                answers = [self._answer(connection, one, seen) for one in asked]
        except StoreError as error:
            self._failed(ended, asked, error)
            return
        self._unsettled = []
        self._waiting = [one for one, answer in zip(asked, answers, strict=True) if answer is None]
        for end in ended:
            end.answer.set_result(None)
        for one, answer in zip(asked, answers, strict=True):
            if isinstance(answer, ScalixError):
                one.answer.set_exception(answer)
            elif answer is not None:
                one.answer.set_result(answer)

    def _answer(
        self, connection: sa.Connection, asked: _Asked, seen: spending.Seen
    ) -> Offer | Refusal | ScalixError | None:
        """None to wait a little longer."""
        try:
            outcome = spending.reserve(connection, self._clock, self.owner, asked.call, seen)
        except StoreError:
            raise
        except ScalixError as error:
            return error
        if isinstance(outcome, Refusal):
            if outcome.may_pass_soon and self._waits_for(asked, outcome):
                return None
            spending.note_refusal(connection, outcome)
        return outcome

    def _waits_for(self, asked: _Asked, refusal: Refusal) -> bool:
        """Whether a call waits on, counted from when it was first tried: a busy store may take a while for that."""
        now, seen = time.monotonic(), (refusal.account, refusal.spent_usd)
        if asked.seen != seen:
            asked.until = min(now + self._patience_s, asked.latest)
        asked.seen = seen
        return now < asked.until

    def _failed(self, ended: list[_Ended], asked: list[_Asked], error: StoreError) -> None:
        """What has ended is tried again; nobody is let through meanwhile."""
        self._unsettled, self._waiting = ended, []
        self._next_sweep = time.monotonic() + SWEEP_S
        for one in asked:
            one.answer.set_exception(error)

    def _sweep(self, connection: sa.Connection) -> None:
        """Calls that are older than any call can be. The age of a foreign machine's is how long they have been seen."""
        self._next_sweep = time.monotonic() + SWEEP_S
        clock, now = self._clock, self._clock.mono_us()
        ours = (charges.c.boot == clock.boot) & (charges.c.made_mono_us < now - self._longest_us)
        spending.lose(connection, ours, now_us=clock.now_us())
        foreign = sa.select(charges.c.id).where(charges.c.state == HELD, charges.c.boot != clock.boot)
        others = connection.execute(foreign).all()
        self._foreign = {charge: self._foreign.get(charge, now) for (charge,) in others}
        old = [charge for charge, since in self._foreign.items() if since < now - self._longest_us]
        if old:
            spending.lose(connection, charges.c.id.in_(old), now_us=clock.now_us())


def _least(call: Call) -> int:
    """What a call needs at least."""
    return call.offers[-1].most_pusd or 0


def forsake(control: ControlStore, owner: str, now_us: Callable[[], int]) -> int:
    """A process is dead: nobody will settle its calls any more. Returns how many there were. Raises StoreError."""
    with control.transaction() as connection:
        return spending.lose(connection, charges.c.owner == owner, now_us=now_us())
