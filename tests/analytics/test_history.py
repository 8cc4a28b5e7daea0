from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from analytics import history
from analytics.filters import Filters
from analytics.retention.keeping import Keeping, retain
from scalix.times import to_us
from tests.attempt_rows import NOON, Attempt, after_noon, record, rolled_up

if TYPE_CHECKING:
    from scalix.store.ledger import Ledger

DAY = Filters(NOON, NOON + timedelta(days=1))


def test_nothing_recorded_is_on_record_since_never(ledger: Ledger) -> None:
    assert history.recorded_since(ledger) is None
    assert history.spending_since(ledger) is None
    assert history.began_too_late(DAY, None) is None


def test_calls_are_on_record_since_the_first_attempt(ledger: Ledger) -> None:
    record(ledger, [Attempt(after_noon(hours=-3)), Attempt(after_noon(hours=-5)), Attempt(NOON)])

    assert history.recorded_since(ledger) == history.spending_since(ledger) == after_noon(hours=-5)


def test_spending_stays_on_record_when_attempts_are_taken_away(ledger: Ledger) -> None:
    rolled_up(ledger, Attempt(after_noon(days=-9)), Attempt(NOON))
    retain(ledger, Keeping(attempts=5), now_us=to_us(NOON))

    assert history.recorded_since(ledger) == NOON
    assert history.spending_since(ledger) == after_noon(days=-9, hours=-12)


@pytest.mark.parametrize(
    ("first", "too_late"),
    [
        (timedelta(days=-40), False),
        (timedelta(days=-1), False),
        (timedelta(days=-1, minutes=14), False),
        (timedelta(days=-1, minutes=15), True),
        (timedelta(minutes=-20), True),
        (timedelta(hours=3), True),
    ],
)
def test_a_record_may_miss_a_hundredth_of_the_period_before(first: timedelta, too_late: bool) -> None:
    since = NOON + first

    assert history.began_too_late(DAY, since) == (since if too_late else None)
