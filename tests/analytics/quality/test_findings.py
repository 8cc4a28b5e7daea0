"""The data quality job finds each kind of doubt on its day, once, and again when the day changes."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from analytics.filters import Filters
from analytics.findings import check
from analytics.quality import checked_at, found
from dashboard.quality_sections import KINDS
from scalix.events import LossEvent, PriceEvent
from scalix.times import from_us, to_us
from tests.attempt_rows import NOON, Attempt, failure, record
from tests.spool_files import START_US, event, lines, take_in, whole_attempt, write_segment

if TYPE_CHECKING:
    from scalix.store.ledger import Ledger

pytestmark = pytest.mark.usefixtures("ledger_views")
DAY = timedelta(days=1)
NOW_US = to_us(NOON + timedelta(hours=1))


def findings(ledger: Ledger, *columns: str) -> list[tuple[Any, ...]]:
    return ledger.read(f"SELECT {', '.join(columns)} FROM quality_findings ORDER BY ALL").rows()


def changed(ledger: Ledger, assignments: str, where: str) -> None:
    with ledger.transaction() as cursor:
        cursor.execute(f"UPDATE attempts SET {assignments} WHERE {where}").fetchall()


def test_each_kind_is_found_on_its_day_with_its_amount(ledger: Ledger) -> None:
    record(
        ledger,
        [
            Attempt(model="gpt-44o", litellm_cost_usd=None),
            Attempt(model="mute", input_tokens=None, output_tokens=None, litellm_cost_usd=None),
            Attempt(model="est"),
            failure(model="broke"),
            Attempt(model="drift", provider_cost_usd=Decimal(3)),
            Attempt(model="twice"),
            Attempt(model="twice"),
            Attempt(NOON - DAY, model="clock"),
        ],
    )
    changed(ledger, "final = true", "true")
    changed(ledger, "tokens_source = 'estimated'", "model = 'est'")
    changed(ledger, "high_cost_usd = 0.5, final = false", "model = 'broke'")
    changed(ledger, "book_cost_usd = 2, book_agrees = false", "model = 'drift'")
    changed(ledger, "response_id = 'same'", "model = 'twice'")
    changed(ledger, "flags = ['clock', 'tokens_inconsistent', 'no_payload'], adjusted_usd = 0.003", "model = 'clock'")

    check(ledger, now_us=NOW_US)

    today, before = NOON.replace(hour=0), NOON.replace(hour=0) - DAY
    assert findings(ledger, "day", "kind", "model", "events", "amount_usd") == sorted(
        [
            (before, "clock", "clock", 1, None),
            (before, "incomplete", "clock", 1, Decimal("0.003")),
            (before, "inconsistent", "clock", 1, Decimal("0.003")),
            (before, "repriced", "clock", 1, Decimal("0.002")),
            (today, "book_not_litellm", "drift", 1, Decimal("1.999")),
            (today, "broke_off", "broke", 1, Decimal("0.5")),
            (today, "estimated", "est", 1, Decimal("0.001")),
            (today, "provider_not_book", "drift", 1, Decimal(1)),
            (today, "recorded_twice", "twice", 1, Decimal("0.001")),
            (today, "unpriced", "gpt-44o", 1, None),
            (today, "without_end", "broke", 1, None),
            (today, "without_usage", "mute", 1, None),
        ],
        key=lambda one: one[:3],
    )


def test_what_came_in_is_counted_whatever_became_of_it(ledger: Ledger) -> None:
    price = PriceEvent(at_us=1, provider="openai", model="gpt-4o", meter="input", amount=Decimal(3), valid_from_us=0)
    loss = LossEvent(process_id="process-1", at_us=START_US, dropped=4, guarded_errors=0)
    calls = [*whole_attempt(1), event("opened", 2, provider="openai", model="gpt-44o", upstream=True)]
    calls.append(event("success", 2, input_tokens=7, tokens_source="reported"))
    write_segment(ledger.folder.spool, lines([price, loss, *calls]) + b"not a line\n")
    take_in(ledger, now_us=START_US)
    write_segment(ledger.folder.spool, lines(calls, process="copy"), name="host-boot-copy.seg")
    take_in(ledger, now_us=START_US)

    check(ledger, now_us=START_US)

    known = {kind: (subject, events) for kind, subject, events in findings(ledger, "kind", "subject", "events")}
    assert known["repeated"] == (None, len(calls))
    assert known["set_aside"] == ("no version", 1)
    assert known["dropped"] == ("process-1", 4)
    assert known["unpriced"] == ("gpt-4o", 1)


def test_a_clock_that_goes_ahead_is_noted_and_stays_noted(ledger: Ledger) -> None:
    write_segment(ledger.folder.spool, lines(whole_attempt(100)))
    take_in(ledger, now_us=START_US)
    check(ledger, now_us=START_US)
    check(ledger, now_us=START_US + 3_600_000_000)
    ahead = [row for row in findings(ledger, "kind", "subject", "events") if row[0] == "clock_ahead"]
    assert ahead == [("clock_ahead", "host by 100 s", 1)]


def test_finding_again_changes_nothing_and_a_changed_day_is_found_anew(ledger: Ledger) -> None:
    record(ledger, [Attempt(NOON - 9 * DAY, litellm_cost_usd=None), Attempt(litellm_cost_usd=None)])
    changed(ledger, "final = true", "true")
    assert check(ledger, now_us=NOW_US) == 2
    once = findings(ledger, "day", "kind", "events")
    assert check(ledger, now_us=NOW_US + 1) == 1, "a day long gone is left alone"
    assert findings(ledger, "day", "kind", "events") == once

    changed(ledger, "adjusted_usd = 1, seq = seq + 100", "started_at < TIMESTAMPTZ '2026-11-15 00:00:00+00'")
    check(ledger, now_us=NOW_US + 2)
    assert [kind for _, kind, _ in findings(ledger, "day", "kind", "events")] == ["repriced", "unpriced"]
    assert checked_at(ledger) == from_us(NOW_US + 2)


def test_a_span_s_findings_add_up_by_kind(ledger: Ledger) -> None:
    days = [NOON - number * DAY for number in range(3)]
    record(ledger, [Attempt(day, litellm_cost_usd=None) for day in days for _ in range(2)])
    changed(ledger, "final = true", "true")
    check(ledger, now_us=NOW_US)
    frame = found(Filters(NOON - DAY, NOON), ledger)
    assert frame.select("kind", "events", "by_day", "mostly").rows() == [("unpriced", 4, [2, 2], "openai gpt-4o")]
    assert set(frame["kind"]) <= set(KINDS)
