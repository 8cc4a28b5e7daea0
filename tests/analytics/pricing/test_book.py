"""The price book in the ledger: seeded, refreshed, never overwritten."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zlib import crc32

import pytest

from analytics.facts import put_on_spool
from analytics.intake.ingest import ingest_once
from analytics.pricing import refresh as refreshing
from analytics.pricing import shelf
from analytics.pricing.facts import PriceKey
from analytics.pricing.litellm_map import PriceMap, installed_map
from analytics.pricing.refresh import changes, refresh
from scalix.events import PriceEvent, to_line
from scalix.times import to_us

if TYPE_CHECKING:
    from scalix.store.ledger import Ledger

SEEDED = datetime(2026, 11, 1, tzinfo=UTC)
LATER = SEEDED + timedelta(days=10)
INPUT = PriceKey("openai", "gpt-x", "input")
OUTPUT = PriceKey("openai", "gpt-x", "output")


def _learn(ledger: Ledger, prices: dict[PriceKey, str], source: str, now: datetime) -> int:
    amounts = {key: Decimal(amount) for key, amount in prices.items()}
    with ledger.transaction() as cursor:
        facts = changes(shelf.current(cursor).frame, PriceMap(amounts, source), now)
        shelf.add(cursor, facts)
    return facts.height


def _price(ledger: Ledger, key: PriceKey, valid_at: datetime, known_at: datetime) -> Decimal | None:
    with ledger.cursor() as cursor:
        book = shelf.current(cursor)
    fact = book.in_force(key.provider, key.model, valid_at, known_at).get(key)
    return fact.amount if fact else None


def test_the_installed_map_seeds_the_book_once(ledger: Ledger) -> None:
    installed = installed_map()
    assert installed is not None
    assert refresh(ledger, SEEDED) == len(installed.prices)
    assert refresh(ledger, LATER) == 0
    with ledger.cursor() as cursor:
        book = shelf.current(cursor)
    for key, amount in list(installed.prices.items())[::97]:
        assert book.in_force(key.provider, key.model, SEEDED, SEEDED)[key].amount == amount


def test_a_changed_map_adds_what_differs_and_keeps_what_was(ledger: Ledger) -> None:
    assert _learn(ledger, {INPUT: "2.5", OUTPUT: "10"}, "map 1", SEEDED) == 2
    assert _learn(ledger, {INPUT: "2.0", OUTPUT: "10"}, "map 2", LATER) == 1
    assert _price(ledger, INPUT, LATER, LATER) == 2
    assert _price(ledger, INPUT, LATER - timedelta(seconds=1), LATER) == Decimal("2.5")
    assert _price(ledger, INPUT, LATER, LATER - timedelta(seconds=1)) == Decimal("2.5")
    assert _price(ledger, OUTPUT, LATER, LATER) == 10


def test_a_price_gone_from_the_map_is_withdrawn_and_may_come_back(ledger: Ledger) -> None:
    _learn(ledger, {INPUT: "2.5", OUTPUT: "10"}, "map 1", SEEDED)
    assert _learn(ledger, {INPUT: "2.5"}, "map 2", LATER) == 1
    assert _price(ledger, OUTPUT, LATER, LATER) is None
    assert _price(ledger, OUTPUT, SEEDED, LATER) == 10
    again = LATER + timedelta(days=1)
    assert _learn(ledger, {INPUT: "2.5", OUTPUT: "12"}, "map 3", again) == 1
    assert _price(ledger, OUTPUT, again, again) == 12
    assert _price(ledger, OUTPUT, LATER, again) is None


def test_without_litellm_nothing_is_seeded(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refreshing, "installed_file", lambda: None)
    assert refresh(ledger, SEEDED) == 0
    with ledger.cursor() as cursor:
        assert shelf.current(cursor).find("openai", "gpt-4o") is None


def test_facts_that_are_there_stay_once(ledger: Ledger) -> None:
    _learn(ledger, {INPUT: "2.5"}, "map 1", SEEDED)
    with ledger.transaction() as cursor:
        shelf.add(cursor, shelf.current(cursor).frame)
    assert ledger.read("SELECT count(*) FROM prices").item() == 1


def _event(moment: datetime, **fields: Any) -> PriceEvent:
    given: dict[str, Any] = {"provider": "openai", "model": "openai/gpt-x", "meter": "input", **fields}
    return PriceEvent(at_us=to_us(moment), valid_from_us=to_us(SEEDED), **given)


def test_own_prices_arrive_through_the_spool_and_win(ledger: Ledger) -> None:
    _learn(ledger, {INPUT: "2.5"}, "map 1", SEEDED)
    put_on_spool(ledger.folder.spool, [_event(LATER, amount=Decimal("1.75"), source="contract 7")])
    report = ingest_once(ledger, ledger.folder, now_us=to_us(LATER))
    assert (report.events, report.quarantined) == (2, 0)
    assert _price(ledger, INPUT, LATER, LATER) == Decimal("1.75")
    assert _price(ledger, INPUT, LATER, LATER - timedelta(seconds=1)) == Decimal("2.5")
    put_on_spool(ledger.folder.spool, [_event(LATER + timedelta(days=1), amount=None)])
    ingest_once(ledger, ledger.folder, now_us=to_us(LATER))
    assert _price(ledger, INPUT, LATER, LATER + timedelta(days=1)) == Decimal("2.5")
    assert _price(ledger, INPUT, LATER, LATER) == Decimal("1.75")


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "-1", "100000001"])
def test_an_impossible_price_is_quarantined(ledger: Ledger, amount: str) -> None:
    good = to_line(_event(LATER, amount=Decimal("1.75")))
    payload = good[11:-1].replace(b'"1.75"', f'"{amount}"'.encode())
    ledger.folder.spool.mkdir()
    (ledger.folder.spool / "host-boot-1.seg").write_bytes(b"1 %08x %b\n" % (crc32(payload), payload))
    assert ingest_once(ledger, ledger.folder, now_us=to_us(LATER)).quarantined == 1
    assert ledger.read("SELECT count(*) FROM prices").item() == 0
