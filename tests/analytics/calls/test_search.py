"""Any attempt is found by each of its ids, or by what is known of it, and shown with all that is recorded."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from analytics.calls.search import Wanted, by_id, matching, readable, record
from analytics.filters import Filters
from scalix.folder import Folder
from scalix.store import views
from scalix.store.ledger import Ledger
from tests.attempt_rows import NOON, Attempt, after_noon, failure
from tests.attempt_rows import record as write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ALL = Filters(NOON - timedelta(hours=1), NOON + timedelta(hours=1))


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = Ledger.open(Folder(tmp_path))
    with opened.cursor() as cursor:
        views.define_in_ledger(cursor)
    write(
        opened,
        [
            Attempt(request=1, user_id="ann", model="m1", litellm_cost_usd=Decimal("0.5"), latency_us=100),
            failure(started_at=after_noon(seconds=1), request=1, error_kind="timeout", latency_us=9_000_000),
            Attempt(after_noon(seconds=2), end_user="bob", tags=("x",), litellm_cost_usd=None),
        ],
    )
    with opened.transaction() as cursor:
        cursor.execute(
            "UPDATE attempts SET call_id = md5('odd id')::UUID, call_id_text = 'odd id', response_id = 'resp-9' "
            "WHERE started_at > ?",
            [after_noon(seconds=1)],
        ).fetchall()
    yield opened
    opened.close()


def test_each_id_finds_its_attempts(ledger: Ledger) -> None:
    trace = str(ledger.read("SELECT any_value(trace_id) FROM attempts").item())
    call = str(ledger.read("SELECT call_id FROM attempts WHERE started_at = ?", [NOON]).item())
    assert by_id(trace, ledger)["status"].to_list() == ["failure", "success"]
    assert by_id(f" {call} ", ledger)["started_at"].to_list() == [NOON]
    assert by_id("odd id", ledger)["call_id"].to_list() == ["odd id"]
    assert by_id("resp-9", ledger)["call_id"].to_list() == ["odd id"]
    assert by_id("' OR 1=1 --", ledger).is_empty()


@pytest.mark.parametrize(
    ("filters", "wanted", "seconds"),
    [
        ({}, Wanted(), [2, 1, 0]),
        ({}, Wanted(order="dearest"), [0, 2, 1]),
        ({}, Wanted(order="slowest"), [1, 2, 0]),
        ({}, Wanted(statuses=("failure",)), [1]),
        ({}, Wanted(errors=("timeout", "server")), [1]),
        ({}, Wanted(least_usd=Decimal("0.5")), [0]),
        ({}, Wanted(least_us=1_000_000), [2, 1]),
        ({"users": ("bob",)}, Wanted(), [2]),
        ({"models": ("m1",)}, Wanted(), [0]),
        ({"tags": ("x",)}, Wanted(), [2]),
    ],
)
def test_what_is_known_of_an_attempt_finds_it(
    ledger: Ledger, filters: dict[str, tuple[str, ...]], wanted: Wanted, seconds: list[int]
) -> None:
    asked = Filters(ALL.start, ALL.end, **filters)
    found = matching(asked, wanted, ledger)
    assert [(at - NOON).seconds for at in found["started_at"]] == seconds
    assert ledger.read(readable(asked, wanted)).equals(found)


def test_a_record_is_everything_there_is(ledger: Ledger) -> None:
    found = record("odd id", after_noon(seconds=2), ledger)
    assert (found["call_id_text"], found["response_id"], found["end_user"]) == ("odd id", "resp-9", "bob")
    assert record("odd id", NOON, ledger) == {}
