"""A repricing adds adjustments with their reason; what was booked stays, and doing it twice changes nothing."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from analytics.lake.clockwork import Lake
from analytics.lake.tables import publish_rollups, publish_tables, write_views
from analytics.pricing.adjusting import book_repricings
from scalix.events import PriceEvent, RepriceEvent
from scalix.store.lake_reader import read_lake
from tests.spool_files import LATER_US, START_US, event, lines, rows, take_in, write_segment

if TYPE_CHECKING:
    from scalix.events import Event
    from scalix.store.ledger import Ledger

pytestmark = pytest.mark.usefixtures("ledger_views")
DAY_US = 86_400_000_000
NINE_DAYS = 9 * 86_400
"""Attempts start a second apart, so this is also the number of one that started nine days later."""
USED: dict[str, Any] = {"input_tokens": 1_000, "output_tokens": 0, "tokens_source": "reported"}


def taken_in(ledger: Ledger, name: str, *events: Event) -> None:
    write_segment(ledger.folder.spool, lines(events, process=name), name=f"host-boot-{name}.seg")
    take_in(ledger)


def called(number: int, **fields: Any) -> list[Event]:
    known = {"provider": "house", "model": "llama", "upstream": True}
    return [event("opened", number, **known), event("success", number, **{**USED, **fields})]


def price(amount: str, at_us: int = LATER_US) -> PriceEvent:
    return PriceEvent(
        at_us=at_us, provider="house", model="llama", meter="input", amount=Decimal(amount), valid_from_us=0
    )


def asked(at_us: int = LATER_US + 1, *, known_at_us: int = LATER_US + 1) -> RepriceEvent:
    return RepriceEvent(
        at_us=at_us, since_us=START_US, until_us=START_US + 40 * DAY_US, known_at_us=known_at_us, reason="list price"
    )


def costs(ledger: Ledger) -> list[tuple[Decimal | None, Decimal | None, str]]:
    return ledger.read("SELECT booked_cost_usd, cost_usd, cost_source FROM views.attempts ORDER BY started_at").rows()


def test_a_model_priced_later_is_adjusted_and_its_booked_history_stays(ledger: Ledger) -> None:
    taken_in(ledger, "one", *called(1), *called(2, provider_cost_pusd=5), *called(NINE_DAYS))
    assert [cost for _, cost, _ in costs(ledger)][::2] == [None, None]
    taken_in(ledger, "two", price("2"), asked())
    assert book_repricings(ledger, now_us=LATER_US + 2) == 2
    new = (None, Decimal("0.002"), "adjusted")
    provider = Decimal("0.000000000005")
    assert costs(ledger) == [new, (provider, provider, "provider"), new]
    assert rows(ledger, "before_usd", "after_usd", table="adjustments") == [(None, Decimal("0.002"))] * 2
    assert rows(ledger, "reason", "adjusted", "difference_usd", table="views.repricings") == [("list price", 2, 0)]


def test_a_repricing_done_twice_or_read_twice_changes_nothing(ledger: Ledger) -> None:
    taken_in(ledger, "one", price("1", at_us=START_US), *called(1))
    taken_in(ledger, "two", price("2"), asked())
    assert book_repricings(ledger, now_us=LATER_US + 2) == 1
    taken_in(ledger, "copy", price("2"), asked())
    assert book_repricings(ledger, now_us=LATER_US + 3) == 0
    with ledger.transaction() as cursor:
        cursor.execute("DELETE FROM repricings_done").fetchall()
    assert book_repricings(ledger, now_us=LATER_US + 4) == 0
    assert rows(ledger, "adjusted", "difference_usd", table="views.repricings") == [(1, Decimal("0.001"))]
    assert costs(ledger) == [(Decimal("0.001"), Decimal("0.002"), "adjusted")]


def test_repricing_as_known_before_takes_an_adjustment_back(ledger: Ledger) -> None:
    taken_in(ledger, "one", price("1", at_us=START_US), *called(1))
    taken_in(ledger, "two", price("2"), asked(), asked(LATER_US + 2, known_at_us=START_US + 1))
    assert book_repricings(ledger, now_us=LATER_US + 3) == 2
    assert costs(ledger) == [(Decimal("0.001"), Decimal("0.001"), "price_book")]
    history = [(Decimal("0.001"), Decimal("0.002")), (Decimal("0.002"), Decimal("0.001"))]
    assert rows(ledger, "before_usd", "after_usd", table="adjustments") == history


def test_an_adjusted_row_keeps_its_cost_when_late_events_change_it(ledger: Ledger) -> None:
    taken_in(ledger, "one", *called(1))
    taken_in(ledger, "two", price("2"), asked())
    book_repricings(ledger, now_us=LATER_US + 2)
    taken_in(ledger, "late", event("answered", response_id="late"))
    assert rows(ledger, "response_id", "adjusted_usd") == [("late", Decimal("0.002"))]


def test_the_lake_tells_costs_and_prices_as_they_were_known(ledger: Ledger) -> None:
    taken_in(ledger, "one", price("1", at_us=START_US), *called(1), *called(2, model="else"))
    taken_in(ledger, "two", price("2"), asked())
    book_repricings(ledger, now_us=LATER_US + 2)
    lake = Lake(ledger, ledger.folder.lake)
    lake.start()
    lake.finish()
    publish_tables(ledger, ledger.folder)
    publish_rollups(ledger, ledger.folder)
    write_views(ledger.folder)

    def answers(sql: str) -> list[Decimal | None]:
        return [row["found"] for row in read_lake(ledger.folder.lake_views, sql)]

    costs = "SELECT cost_usd AS found FROM costs_as_known(make_timestamptz({})) WHERE model = 'llama'"
    assert answers(costs.format(LATER_US)) == [Decimal("0.001")]
    assert answers(costs.format(LATER_US + 1)) == [Decimal("0.002")]
    prices = "SELECT amount AS found FROM prices_as_of(make_timestamptz(0), make_timestamptz({}))"
    assert answers(prices.format(LATER_US - 1)) == [1]
    assert answers(prices.format(LATER_US)) == [2]
    assert answers("SELECT count(*) AS found FROM adjustments") == [1]
