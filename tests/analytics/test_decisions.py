from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from analytics import decisions
from analytics.facts import put_on_spool
from analytics.filters import Filters
from analytics.intake.ingest import ingest_once
from scalix.events import DecisionEvent
from scalix.times import to_us
from tests.attempt_rows import NOON, after_noon

if TYPE_CHECKING:
    from scalix.store.ledger import Ledger


def test_decisions_before_a_span_are_not_counted_in_its_first_stretch(ledger: Ledger) -> None:
    decided = [after_noon(minutes=minutes) for minutes in (5, 16, 17, 29, 31, 59, 301)]
    told = [
        DecisionEvent(
            at_us=to_us(at),
            mode="on",
            acted=True,
            deployment_id="eu",
            probability=1.0,
            reason="cheapest",
            decision="{}",
        )
        for at in decided
    ]
    put_on_spool(ledger.folder.spool, told)
    ingest_once(ledger, ledger.folder, now_us=to_us(NOON))
    span = Filters(after_noon(minutes=17), after_noon(minutes=301))

    found = decisions.shares(span, ledger)

    assert span.bucket == timedelta(minutes=5)
    assert found["at"].to_list() == [after_noon(minutes=minutes) for minutes in (15, 25, 30, 55)]
    assert found["decisions"].sum() == 4
    assert ledger.read(decisions.readable("shares", span))["decisions"].sum() == 4
