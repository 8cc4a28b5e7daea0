from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl
import pytest

from analytics.filters import Filters
from analytics.pricing import shelf
from analytics.pricing.book import FACT_SCHEMA
from analytics.spend import spending
from analytics.spend.asking import DIMENSIONS
from scalix.times import EPOCH
from tests.attempt_rows import NOON, Attempt, after_noon, failure, record

if TYPE_CHECKING:
    from scalix.store.ledger import Ledger

HOUR = Filters(NOON, NOON + timedelta(hours=1))


def _price(ledger: Ledger, **amounts: str) -> None:
    rows = [
        ("openai", "gpt-4o", meter, 0, "standard", "*", None, Decimal(amount), EPOCH, None, EPOCH, "own", "test")
        for meter, amount in amounts.items()
    ]
    with ledger.transaction() as cursor:
        shelf.add(cursor, pl.DataFrame(rows, schema=FACT_SCHEMA, orient="row"))


def test_nothing_spent_is_no_figure(ledger: Ledger) -> None:
    assert spending.totals(HOUR, ledger) == (spending.Spent(), spending.Spent())
    found = spending.detail(HOUR, "team", ledger)
    assert found.why.changes == ()
    assert found.spenders.is_empty()
    assert found.classes.is_empty()


def test_unknown_cost_is_counted_and_waste_is_told_apart(ledger: Ledger) -> None:
    record(
        ledger,
        [
            Attempt(NOON, litellm_cost_usd=Decimal(2)),
            Attempt(NOON, litellm_cost_usd=None),
            failure(started_at=NOON, provider_cost_usd=Decimal(1)),
        ],
    )

    now, _ = spending.totals(HOUR, ledger)

    assert (now.spent_usd, now.wasted_usd, now.coverage) == (Decimal(3), Decimal(1), 0.5)
    assert now.per_call_usd == Decimal(3)
    assert now.per_1k_tokens_usd == Decimal(200)


def test_one_of_whom_nothing_is_known_has_not_spent_zero(ledger: Ledger) -> None:
    free = Attempt(NOON, provider="free", litellm_cost_usd=Decimal(0))
    record(ledger, [Attempt(NOON), free, Attempt(NOON, provider="local", litellm_cost_usd=None)])
    spent = spending.detail(HOUR, "provider", ledger).spenders.select("value", "spent_usd").rows()
    assert dict(spent) == {"openai": Decimal("0.001"), "free": Decimal(0), "local": None}


def test_classes_share_the_known_cost_and_a_cache_saves(ledger: Ledger) -> None:
    _price(ledger, input="2", cache_read="1", output="10")
    record(
        ledger,
        [Attempt(NOON, input_tokens=100, cache_read_tokens=300, output_tokens=50, litellm_cost_usd=Decimal("0.001"))],
    )

    found = spending.detail(HOUR, "provider", ledger)

    assert dict(found.classes.select("token_class", "spent_usd").iter_rows()) == {
        "input": Decimal("0.0002"),
        "cache_read": Decimal("0.0003"),
        "output": Decimal("0.0005"),
    }
    assert found.cache_saved_usd == Decimal("0.0003")


def test_more_cache_reads_at_the_same_prices_are_the_cache_s_doing(ledger: Ledger) -> None:
    _price(ledger, input="2", cache_read="1", output="10")
    before = Attempt(after_noon(minutes=-30), input_tokens=400, output_tokens=50, litellm_cost_usd=Decimal("0.0013"))
    after = Attempt(NOON, input_tokens=100, cache_read_tokens=300, output_tokens=50, litellm_cost_usd=Decimal("0.001"))
    record(ledger, [before, after])

    why = spending.detail(HOUR, "provider", ledger).why

    assert {cause: part for cause, part in why.parts.items() if part} == {"cache": Decimal("-0.0003")}


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_every_dimension_adds_up_to_all_spending(ledger: Ledger, dimension: str) -> None:
    record(
        ledger,
        [
            Attempt(
                after_noon(minutes=number - 20),
                provider=f"p{number % 3}",
                model=f"m{number}",
                deployment_id=f"d{number}",
                team_id=f"t{number}" if number % 2 else None,
                user_id=f"u{number}",
                tags=("x", f"y{number % 4}"),
                litellm_cost_usd=Decimal(number) / 7,
            )
            for number in range(40)
        ],
    )
    now, before = spending.totals(HOUR, ledger)
    assert now.spent_usd is not None
    assert before.spent_usd is not None

    series = spending.over_time(HOUR, dimension, ledger)
    found = spending.detail(HOUR, dimension, ledger)

    assert series["spent_usd"].sum() == now.spent_usd
    assert series["value"].n_unique() <= 9
    assert found.spenders["spent_usd"].sum() == now.spent_usd
    assert found.classes["spent_usd"].sum() == now.spent_usd
    assert found.why.difference_usd == now.spent_usd - before.spent_usd
    assert sum(found.why.parts.values(), Decimal(0)) == found.why.difference_usd
