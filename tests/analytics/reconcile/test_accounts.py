"""Which days and models are held against each other."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from analytics.reconcile.accounts import accounts
from analytics.reconcile.lines import Line, Statement
from analytics.reconcile.recorded import Cell

FIRST = date(2026, 11, 2)


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def line(provider: str, number: int, model: str = "m", text: str = "") -> Line:
    return Line(day(number), provider, model, text, {"input": 10}, 1, Decimal(1))


def cell(provider: str, number: int, *, ended: int | None = None, model: str = "m", tokens: int = 10) -> Cell:
    end = day(number if ended is None else ended)
    return Cell(provider, model, day(number), end, False, "priced", 1, Decimal(1), None, {"input": tokens})


def statement(*lines: Line) -> Statement:
    return Statement([*lines], merged={one.provider: {} for one in lines})


def test_each_provider_is_compared_on_its_own_days() -> None:
    stated = statement(line("openai", 0), line("openai", 2), line("anthropic", 5))
    cells = [cell("openai", number) for number in range(-1, 6)] + [cell("anthropic", number) for number in (2, 5)]
    found = [(one.day, one.provider, len(one.began)) for one in accounts(stated, cells)]
    openai = [(day(number), "openai", 1) for number in range(3)]
    assert found == [*openai, (day(5), "anthropic", 1)], "a day without a line is one on which nothing was billed"


def test_a_dated_name_is_the_same_model_and_a_description_names_a_recorded_one() -> None:
    stated = statement(
        line("openai", 0, "gpt-4o-2024-08-06"),
        Line(FIRST, "openai", text="gpt 4o mini 0718 Inp", amount_usd=Decimal(1)),
    )
    found = accounts(stated, [cell("openai", 0, model="gpt-4o"), cell("openai", 0, model="gpt-4o-mini")])
    assert [(one.model, one.billed.amount_usd, len(one.began)) for one in found] == [
        ("gpt-4o", Decimal(1), 1),
        ("gpt-4o-mini", Decimal(1), 1),
    ]


def test_calls_move_past_midnight_only_where_the_provider_counts_them_so() -> None:
    cells = [cell("openai", 0), cell("openai", 0, ended=1), cell("openai", 1)]
    by_end = statement(line("openai", 0), *[line("openai", 1)] * 2)
    by_start = statement(*[line("openai", 0)] * 2, line("openai", 1))
    assert [(len(one.moved_out), len(one.moved_in)) for one in accounts(by_end, cells)] == [(1, 0), (0, 1)]
    assert [(len(one.moved_out), len(one.moved_in)) for one in accounts(by_start, cells)] == [(0, 0), (0, 0)]
