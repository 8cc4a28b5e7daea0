"""Reservations, settlements and limits over time: whatever comes in whatever order, no budget is overdrawn."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.access import booking, issuing, people
from analytics.access.limits import Limits
from analytics.access.spending import Offer, Refusal
from analytics.access.till import Till, forsake
from scalix.errors import BudgetExceededError
from scalix.store.tables.access import charges
from scalix.times import now_us, to_us
from tests.analytics.access.holder import USD, Hands, Holder

if TYPE_CHECKING:
    from scalix.store.control import ControlStore

pytestmark = pytest.mark.usefixtures("no_leftovers")


def test_a_budget_is_reserved_settled_and_released(make: Any) -> None:
    key = make(budget_pusd=USD)
    first = key.reserve(7 * USD // 10)
    refused = key.reserve(4 * USD // 10)
    assert isinstance(refused, Refusal)
    assert (refused.reason, refused.spent_usd, refused.reserved_usd, refused.limit, refused.may_pass_soon) == (
        "budget",
        Decimal(0),
        Decimal("0.7"),
        Decimal(1),
        True,
    )
    key.settle(first, USD // 10)
    key.settle(first, USD // 10)
    second = key.reserve(9 * USD // 10)
    assert isinstance(second, str), "exactly what is left"
    key.settle(second, 0)
    third = key.reserve(USD // 10)
    key.settle(third, None)
    assert key.money() == (Decimal("0.2"), Decimal(0))
    key.settle(third, USD // 20)
    assert key.money() == (Decimal("0.15"), Decimal(0)), "what was lost is known after all"
    never = key.reserve(USD)
    assert isinstance(never, Refusal)
    assert not never.may_pass_soon


def test_every_account_of_a_call_needs_room(control: ControlStore, pepper: bytes) -> None:
    people.add(control, ("team", "t"), by="test", limits=Limits(budget_pusd=USD))
    ids = [issuing.mint(control, pepper, by="test", user_id=f"u{n}", team_id="t")[1] for n in (0, 1)]
    first, second = (
        Holder(control, one, (("key", one), ("user", f"u{n}"), ("team", "t")), Hands()) for n, one in enumerate(ids)
    )
    first.settle(first.reserve(USD // 2), USD // 2)
    refused = second.reserve(6 * USD // 10)
    assert isinstance(refused, Refusal)
    assert refused.account == ("team", "t")
    assert isinstance(second.reserve(USD // 2), str)
    assert first.state.spent_usd == people.one(control, ("user", "u0")).spent_usd == Decimal("0.5")
    assert people.one(control, ("team", "t")).reserved_usd == Decimal("0.5")


def test_unknown_prices_are_refused_under_a_budget_and_free_calls_never(make: Any) -> None:
    key = make(budget_pusd=USD)
    refused = key.reserve(None)
    assert isinstance(refused, Refusal)
    assert refused.reason == "unknown_price"
    key.settle(key.reserve(USD), 2 * USD)
    assert isinstance(key.reserve(1), Refusal)
    assert isinstance(key.reserve(0), str)
    assert isinstance(make().reserve(None), str), "without a budget nobody minds"


def test_a_call_is_narrowed_to_what_it_can_pay_for(make: Any) -> None:
    key = make(budget_pusd=USD, degrade_percent=50)
    dear, cheap = Offer(USD // 2), Offer(USD // 10, 0, frozenset(["cheap"]))
    charge, taken = key.choose(dear, cheap)
    assert taken == dear
    key.settle(charge, 4 * USD // 10)
    charge, taken = key.choose(dear, cheap)
    assert taken == dear, "a tenth below the share at which it is degraded"
    key.settle(charge, USD // 10)
    charge, taken = key.choose(dear, cheap)
    assert taken == cheap, "half is spent"
    key.settle(charge, USD // 10)
    other = make(budget_pusd=USD)
    other.settle(other.reserve(USD), 8 * USD // 10)
    assert other.choose(dear, cheap)[1] == cheap, "there is no room for the dear one"


def test_a_budget_begins_anew_when_its_window_ends_and_late_ends_count_for_the_old_one(make: Any) -> None:
    key = make(budget_pusd=USD, window="day")
    late = key.reserve(USD // 2)
    key.settle(key.reserve(USD // 2), USD // 2)
    refused = key.reserve(USD // 2)
    midnight = to_us(datetime(2026, 3, 29, tzinfo=UTC))
    assert isinstance(refused, Refusal)
    assert refused.reset_us == midnight
    key.hands.wall_us = midnight + 1
    assert isinstance(key.reserve(USD // 2), str), "what still runs keeps its half"
    key.settle(late, USD // 2)
    with key.control.reading() as connection:
        rows = connection.execute(sa.text("SELECT spent_pusd, held_pusd FROM gateway_accounts WHERE kind = 'key'"))
        assert rows.all() == [(0, USD // 2)]
    key.hands.wall_us -= 86400 * 10**6
    assert isinstance(key.reserve(USD), Refusal), "a clock set back begins no window anew"


def test_a_window_of_days_repeats_from_when_the_key_was_made(make: Any) -> None:
    key = make(budget_pusd=USD, window="30d")
    made = key.state.created_us
    key.hands.wall_us = made + 1
    key.settle(key.reserve(USD), USD)
    key.hands.wall_us = made + 30 * 86400 * 10**6 - 1
    assert isinstance(key.reserve(1), Refusal)
    key.hands.wall_us += 1
    assert isinstance(key.reserve(USD), str)


def test_requests_and_tokens_a_minute_slide(make: Any) -> None:
    key = make(requests_per_minute=10, tokens_per_minute=1000)
    ends = [key.reserve(0, tokens=50) for _ in range(11)]
    assert [type(one) for one in ends] == [str] * 10 + [Refusal]
    assert (ends[-1].reason, ends[-1].limit) == ("requests", Decimal(10))
    key.hands.wall_us += 30 * 10**6
    assert isinstance(key.reserve(0), Refusal), "at the turn of the minute all ten still count"
    key.hands.wall_us += 30 * 10**6
    assert [type(key.reserve(0)) for _ in range(6)] == [str] * 5 + [Refusal], "half a minute later half of them do"


def test_tokens_that_were_not_used_are_given_back(make: Any) -> None:
    key = make(tokens_per_minute=1000)
    first = key.reserve(0, tokens=900)
    over = key.reserve(0, tokens=200)
    assert isinstance(over, Refusal)
    assert over.reason == "tokens"
    key.settle(first, 0, tokens=100)
    assert isinstance(key.reserve(0, tokens=900), str)


def test_calls_at_once_are_counted_until_they_end(make: Any) -> None:
    key = make(parallel=2)
    first, _ = key.reserve(1), key.reserve(1)
    refused = key.reserve(1)
    assert isinstance(refused, Refusal)
    assert refused.reason == "parallel"
    key.settle(first, 1)
    assert isinstance(key.reserve(1), str)


def test_an_account_that_is_gone_lets_no_call_through(make: Any) -> None:
    key = make()
    issuing.remove(key.control, key.id, by="test")
    with pytest.raises(BudgetExceededError):
        key.reserve(1)


@pytest.mark.parametrize("boot", ["here", "elsewhere"])
def test_a_call_whose_end_nobody_saw_counts_as_spent_by_age_and_not_by_the_clock(make: Any, boot: str) -> None:
    key = make(budget_pusd=USD)
    hands = key.hands
    key.reserve(USD, boot=boot)
    with closing(Till(key.control, clock=hands.clock(), longest_call_s=3600)) as till:
        till.settle("nothing", 0).result(5)  # one sweep at least has seen it
        hands.wall_us += 10 * 86400 * 10**6
        _swept(till)
        assert key.money() == (Decimal(0), Decimal(1)), "the clock jumped, the call is as young as before"
        hands.mono_us += 3601 * 10**6
        _swept(till)
    assert key.money() == (Decimal(1), Decimal(0))


def _swept(till: Till) -> None:
    till._next_sweep = 0.0
    till.settle("nothing", 0).result(5)


def test_calls_of_a_dead_process_count_as_spent_at_once_and_the_ledger_corrects_them(make: Any) -> None:
    key = make(budget_pusd=USD)
    mine = key.reserve(USD // 4)
    key.owner = "dead"
    theirs = key.reserve(USD // 2)
    assert forsake(key.control, "dead", now_us) == 1
    assert key.money() == (Decimal("0.5"), Decimal("0.25"))
    booking.book(key.control, {theirs: USD // 10, "unknown": 5}, now_us=now_us())
    assert key.money() == (Decimal("0.1"), Decimal("0.25"))
    key.settle(mine, USD // 4)
    booking.book(key.control, {mine: None}, now_us=now_us())
    assert key.money() == (Decimal("0.35"), Decimal(0))
    with key.control.reading() as connection:
        assert connection.execute(sa.select(charges)).all() == []


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(1, 400), st.sampled_from(["settle", "release", "lost", "twice"])), max_size=25))
def test_any_history_of_calls_keeps_the_budget(make: Any, calls: list[tuple[int, str]]) -> None:
    key = make(budget_pusd=1000)
    spent = held = 0
    for amount, end in calls:
        charge = key.reserve(amount)
        assert isinstance(charge, str) == (spent + held + amount <= 1000)
        if not isinstance(charge, str):
            continue
        if end == "lost":
            held += amount
        elif end == "release":
            key.settle(charge, 0)
        else:
            for _ in range(2 if end == "twice" else 1):
                key.settle(charge, amount // 2)
            spent += amount // 2
    assert key.money() == (Decimal(spent) / USD, Decimal(held) / USD)
