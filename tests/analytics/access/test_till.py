"""A process's till: calls wait for each other, share transactions, and are settled whatever happens to the store."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from analytics.access.spending import Call, Offer, Refusal
from analytics.access.till import MOST_PATIENCE, Till
from scalix.errors import StoreError
from tests.analytics.access.holder import USD

if TYPE_CHECKING:
    from concurrent.futures import Future

pytestmark = pytest.mark.usefixtures("no_leftovers")


def test_a_call_waits_for_what_others_are_about_to_give_back(make: Any) -> None:
    key = make(budget_pusd=USD)
    with closing(Till(key.control, patience_s=20)) as till:
        first = Call(str(uuid4()), key.accounts, (Offer(USD),))
        assert till.reserve(first).result(5) == first.offers[0]
        second = till.reserve(replace(first, id=str(uuid4()), offers=(Offer(USD // 2),)))
        never = till.reserve(replace(first, id=str(uuid4()), offers=(Offer(2 * USD),)))
        assert isinstance(never.result(5), Refusal), "refused at once: no settlement makes that much room"
        assert not second.done()
        till.settle(first.id, 1).result(5)
        assert second.result(5) == Offer(USD // 2)
    with closing(Till(key.control, patience_s=0.1)) as till:
        refused = till.reserve(replace(first, id=str(uuid4()), offers=(Offer(USD // 2),)))
        assert isinstance(refused.result(5), Refusal)
    assert key.state.refused == 2


def test_a_call_waits_on_as_long_as_others_end(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    key, moment = make(budget_pusd=USD), [0.0]
    monkeypatch.setattr("analytics.access.till.time", SimpleNamespace(monotonic=lambda: moment[0]))

    with closing(Till(key.control, patience_s=2)) as till:

        def ask(amount: int) -> tuple[str, Future[Offer | Refusal]]:
            call = Call(str(uuid4()), key.accounts, (Offer(amount),))
            return call.id, till.reserve(call)

        def let_through(amount: int) -> str:
            """All who wait are tried again with a call that is let through."""
            call, asked = ask(amount)
            assert asked.result(5) == Offer(amount)
            return call

        let_through(USD * 6 // 10)
        short = [let_through(1) for _ in range(3)]
        first, second = ask(USD // 2)[1], ask(USD // 2)[1]
        let_through(1)
        moment[0] = 1.9
        till.settle(short.pop(), 1).result(5)
        moment[0] = 3.8
        let_through(1)
        assert not first.done(), "one had ended"
        till.settle(short.pop(), 1).result(5)
        moment[0] = 5.9
        assert isinstance(second.result(5), Refusal), "none has since"
        assert isinstance(first.result(5), Refusal)
        third = ask(USD // 2)[1]
        for moment[0] in range(6, 6 + 2 * MOST_PATIENCE - 1):
            till.settle(let_through(1), 1).result(5)
        assert not third.done()
        moment[0] = 6 + 2 * MOST_PATIENCE
        till.settle(short.pop(), 1).result(5)
        assert isinstance(third.result(5), Refusal), "not for ever"


def test_a_hundred_callers_at_once_share_a_few_transactions(make: Any) -> None:
    key = make(budget_pusd=USD)
    begun: list[int] = []
    sa.event.listen(key.control._engine, "begin", lambda _: begun.append(1))
    with closing(Till(key.control, patience_s=0)) as till, ThreadPoolExecutor(100) as pool:
        gate = threading.Barrier(100)

        def one(_: int) -> Offer | Refusal:
            gate.wait(10)
            return till.reserve(Call(str(uuid4()), key.accounts, (Offer(USD // 10),))).result(10)

        outcomes = list(pool.map(one, range(100)))
    assert sum(isinstance(outcome, Offer) for outcome in outcomes) == 10
    assert len(begun) < 60


def test_what_has_ended_is_settled_once_the_store_answers_again(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    key = make(budget_pusd=USD)
    broken = threading.Event()
    transaction = key.control.transaction

    def failing() -> Any:
        if broken.is_set():
            raise StoreError("the disk is full")
        return transaction()

    monkeypatch.setattr(key.control, "transaction", failing)
    with closing(Till(key.control)) as till:
        call = Call(str(uuid4()), key.accounts, (Offer(USD),))
        till.reserve(call).result(10)
        broken.set()
        ended = till.settle(call.id, USD // 2)
        with pytest.raises(StoreError, match="disk is full"):
            till.reserve(replace(call, id=str(uuid4()))).result(10)
        assert not ended.done()
        broken.clear()
        ended.result(10)
    assert key.money() == (Decimal("0.5"), Decimal(0))


def test_whoever_leaves_before_their_turn_reserves_nothing(make: Any) -> None:
    key = make(budget_pusd=USD)
    with closing(Till(key.control)) as till:
        with key.control.transaction():  # the till has to wait for this one
            asked = [till.reserve(Call(str(uuid4()), key.accounts, (Offer(1),))) for _ in range(20)]
            left = sum(one.cancel() for one in asked)
        till.settle("nothing", 0).result(10)
        assert left > 0
        assert key.state.calls == 20 - left
        assert till.reserve(Call(str(uuid4()), key.accounts, (Offer(1),))).result(10) == Offer(1)
