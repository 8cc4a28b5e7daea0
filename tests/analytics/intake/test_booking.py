"""What a row says its attempt cost: what the provider says, else the book, else LiteLLM; bounds where none knows."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from analytics.intake import booking
from scalix.events import PriceEvent
from scalix.folder import Folder
from scalix.store import views
from scalix.store.ledger import Ledger
from tests.spool_files import START_US, event, everything, lines, take_in, write_segment

if TYPE_CHECKING:
    from pathlib import Path

    from scalix.events import AttemptEvent

pytestmark = pytest.mark.usefixtures("ledger_views")
CALLED: dict[str, Any] = {"provider": "house", "model": "llama", "upstream": True}
USED: dict[str, Any] = {"input_tokens": 1_000, "output_tokens": 100, "tokens_source": "reported"}
BY_BOOK = Decimal("0.0012")


def price(meter: str, amount: str, **fields: Any) -> PriceEvent:
    """An own price of the model that all attempts here call."""
    known: dict[str, Any] = {"at_us": START_US, "provider": "house", "model": "llama", "valid_from_us": 0}
    return PriceEvent(meter=meter, amount=Decimal(amount), **{**known, **fields})


PRICES = [price("input", "1"), price("output", "2"), price("cache_write_5m", "1.25")]


def taken_in(ledger: Ledger, *events: AttemptEvent | PriceEvent, name: str = "one") -> None:
    write_segment(ledger.folder.spool, lines(events, process=name), name=f"host-boot-{name}.seg")
    take_in(ledger)


def costs(ledger: Ledger) -> list[dict[str, Any]]:
    sql = """SELECT cost_usd, cost_source, low_cost_usd, high_cost_usd, booked_by_book_usd, book_agrees, book_saved_usd
        FROM views.attempts ORDER BY started_at"""
    return ledger.read(sql).to_dicts()


def success(number: int = 1, **fields: Any) -> list[AttemptEvent]:
    return [event("opened", number, **CALLED), event("success", number, **{**USED, **fields})]


@pytest.mark.parametrize(
    ("fields", "cost", "source", "agrees"),
    [
        ({}, BY_BOOK, "price_book", False),
        ({"litellm_cost_pusd": 1_200_000_000}, BY_BOOK, "price_book", True),
        ({"litellm_cost_pusd": 7}, BY_BOOK, "price_book", False),
        ({"provider_cost_pusd": 5}, Decimal("0.000000000005"), "provider", False),
        ({"model": "else", "litellm_cost_pusd": 7}, Decimal("0.000000000007"), "litellm", False),
        ({"model": "else"}, None, "none", True),
    ],
)
def test_the_provider_speaks_first_then_the_book_then_litellm(
    ledger: Ledger, fields: dict[str, Any], cost: Decimal | None, source: str, agrees: bool
) -> None:
    taken_in(ledger, *PRICES, *success(**fields))
    (row,) = costs(ledger)
    assert (row["cost_usd"], row["cost_source"], row["book_agrees"]) == (cost, source, agrees)


def test_only_a_cost_that_litellm_does_not_name_takes_room(ledger: Ledger) -> None:
    taken_in(ledger, *PRICES, *success(litellm_cost_pusd=1_200_000_000))
    assert ledger.read("SELECT book_cost_usd FROM attempts").rows() == [(None,)]
    assert costs(ledger)[0]["booked_by_book_usd"] == BY_BOOK


def test_a_call_that_broke_off_has_bounds_and_no_cost(ledger: Ledger) -> None:
    bounds: dict[str, Any] = {"input_tokens_high": 1_000, "output_tokens_high": 50}
    opened = event("opened", **CALLED, **bounds)
    taken_in(ledger, *PRICES, opened, event("failed", error_kind="timeout"))
    (row,) = costs(ledger)
    # The prompt may have been written into the provider's cache, at 1.25 a million.
    assert (row["low_cost_usd"], row["cost_usd"], row["high_cost_usd"]) == (0, None, Decimal("0.00135"))
    assert row["cost_source"] == "none"


def test_an_error_that_the_provider_answered_with_has_no_bounds(ledger: Ledger) -> None:
    opened = event("opened", **CALLED, input_tokens_high=1_000, output_tokens_high=50)
    taken_in(ledger, *PRICES, opened, event("failed", error_kind="rate_limit"))
    (row,) = costs(ledger)
    assert (row["low_cost_usd"], row["cost_usd"], row["high_cost_usd"]) == (None, None, None)


def test_without_a_limit_on_the_answer_no_upper_bound_is_known(ledger: Ledger) -> None:
    taken_in(ledger, *PRICES, event("opened", **CALLED, input_tokens_high=9), event("failed", error_kind="timeout"))
    (row,) = costs(ledger)
    assert (row["low_cost_usd"], row["high_cost_usd"]) == (0, None)


def test_what_was_estimated_of_a_stream_that_was_abandoned_is_no_cost(ledger: Ledger) -> None:
    estimate: dict[str, Any] = {**USED, "tokens_source": "estimated", "litellm_cost_pusd": 1_200_000_000}
    gone = event("success", error_kind="client_disconnect", **estimate)
    taken_in(ledger, *PRICES, event("opened", **CALLED, input_tokens_high=2_000, output_tokens_high=500), gone)
    (row,) = costs(ledger)
    assert (row["cost_usd"], row["high_cost_usd"]) == (None, Decimal("0.0035"))


def test_a_failure_that_reported_usage_is_charged_for(ledger: Ledger) -> None:
    taken_in(ledger, *PRICES, event("opened", **CALLED), event("failure", error_kind="server", **USED))
    assert costs(ledger)[0]["cost_usd"] == BY_BOOK


def test_an_answer_out_of_the_cache_costs_nothing_and_says_what_it_saved(ledger: Ledger) -> None:
    hit: dict[str, Any] = {"cache_hit": True, "upstream": False, "litellm_cost_pusd": 0}
    taken_in(ledger, *PRICES, *success(**hit))
    (row,) = costs(ledger)
    assert (row["cost_usd"], row["book_saved_usd"], row["book_agrees"]) == (0, BY_BOOK, True)


def test_late_usage_is_booked_and_the_order_of_events_does_not_matter(ledger: Ledger, tmp_path: Path) -> None:
    opened, answered, final = event("opened", **CALLED), event("answered", **USED), event("success")
    taken_in(ledger, *PRICES)
    taken_in(ledger, opened, final, name="two")
    taken_in(ledger, answered, name="three")
    other = Ledger.open(Folder(tmp_path / "other"))
    taken_in(other, *PRICES, final, answered, opened)
    with other.cursor() as cursor:
        views.define_in_ledger(cursor)
    assert costs(ledger)[0]["cost_usd"] == BY_BOOK
    assert costs(ledger) == costs(other)
    other.close()


def test_repeating_events_changes_nothing_when_prices_have_changed_meanwhile(ledger: Ledger) -> None:
    taken_in(ledger, *PRICES, *success())
    before = everything(ledger)
    taken_in(ledger, price("input", "100", at_us=START_US + 1), *success(), name="two")
    assert everything(ledger) == before


def test_a_model_without_a_price_is_named_once(ledger: Ledger, caplog: pytest.LogCaptureFixture) -> None:
    booking.forget_warnings()
    unknown: dict[str, Any] = {"provider": "house", "model": "lama", "upstream": True}
    for number in (1, 2, 3):
        calls = [event("opened", number, **unknown), event("success", number, **USED)]
        taken_in(ledger, *PRICES, *calls, name=f"n{number}")
    (message,) = [record.getMessage() for record in caplog.records if "no price" in record.getMessage()]
    assert "house lama" in message
    assert "llama" in message
    assert [row["cost_usd"] for row in costs(ledger)] == [None] * 3
