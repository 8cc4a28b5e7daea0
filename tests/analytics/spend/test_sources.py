"""Answers about spending are the same whether attempts were rolled up, not yet, in part, or changed since."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.filters import Filters
from analytics.rollups.declared import HOUR_US, SPEND
from analytics.rollups.refresh import refresh_rollups
from analytics.spend import sources
from analytics.spend.asking import DIMENSIONS, ask
from analytics.spend.sources import source_of
from scalix.folder import Folder
from scalix.store.ledger import Ledger
from scalix.times import to_us
from tests.attempt_rows import NOON, Attempt, forget, record

if TYPE_CHECKING:
    from collections.abc import Iterator

DAY = timedelta(days=1)
SPANS = [
    Filters(NOON - 20 * DAY - timedelta(minutes=17), NOON - timedelta(seconds=1)),
    Filters(NOON - 4 * DAY, NOON, providers=("openai",)),
    Filters(NOON - timedelta(hours=5), NOON + timedelta(minutes=30), users=("u1",), teams=("t1",), tags=("x",)),
]
attempts = st.lists(
    st.builds(
        Attempt,
        started_at=st.one_of(
            st.integers(-60 * 86_400, 3600).map(lambda seconds: NOON + timedelta(seconds=seconds)),
            st.integers(0, 60 * 24).map(lambda hours: NOON - timedelta(hours=hours)),
        ),
        provider=st.sampled_from([None, "openai", "azure"]),
        model=st.sampled_from(["a", "b"]),
        upstream=st.sampled_from([None, True, False]),
        status=st.sampled_from(["success", "success", "failure", "cancelled"]),
        input_tokens=st.none() | st.integers(0, 10**9),
        output_tokens=st.none() | st.integers(0, 10**9),
        reasoning_tokens=st.none() | st.integers(0, 10**9),
        litellm_cost_usd=st.none() | st.decimals(Decimal(0), Decimal(99999), places=12),
        provider_cost_usd=st.none() | st.decimals(Decimal(0), Decimal(9), places=12),
        user_id=st.sampled_from([None, "u1", "u2"]),
        end_user=st.sampled_from([None, "u1"]),
        team_id=st.sampled_from([None, "t1"]),
        tags=st.sampled_from([None, ("x",), ("y", "x")]),
    ),
    max_size=40,
)


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    opened = Ledger.open(Folder(tmp_path_factory.mktemp("sources")))
    yield opened
    opened.close()


def roll_up(ledger: Ledger) -> None:
    refresh_rollups(ledger, now_us=to_us(NOON), rollups=(SPEND,))


def answers(ledger: Ledger, dimension: str) -> list[Any]:
    return [
        sorted(ask(query, filters, dimension, ledger).rows(), key=repr)
        for filters in SPANS
        for query in ("totals", "over_time", "cells")
    ]


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(attempts, attempts, st.sampled_from(sorted(DIMENSIONS)))
def test_answers_do_not_depend_on_what_is_rolled_up(
    ledger: Ledger, early: list[Attempt], late: list[Attempt], dimension: str
) -> None:
    forget(ledger)
    record(ledger, early)
    roll_up(ledger)
    record(ledger, late)
    with ledger.transaction() as cursor:  # as a late event or a repricing does: another row in the old one's place
        cursor.execute(
            "UPDATE attempts SET seq = seq + 1000000, status = 'success', adjusted_usd = 7 WHERE seq % 5 = 0"
        ).fetchall()
    in_part = answers(ledger, dimension)
    roll_up(ledger)
    assert answers(ledger, dimension) == in_part
    with ledger.transaction() as cursor:
        cursor.execute("DELETE FROM rollup_fills").fetchall()
    assert answers(ledger, dimension) == in_part


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(attempts)
def test_hours_and_days_and_attempts_have_the_same_sums(ledger: Ledger, rows: list[Attempt]) -> None:
    forget(ledger)
    record(ledger, rows)
    roll_up(ledger)
    measures = ", ".join(f"sum({name})" for name in (*SPEND.counts, *SPEND.amounts))
    nobody = ", ".join(["[]"] * 7)
    span = f"make_timestamptz(0), make_timestamptz({to_us(NOON + DAY)})"
    raw = ledger.read(f"SELECT {measures} FROM spending('spend_hour', {span}, {nobody}) WHERE NOT rolled_up").rows()
    for grain in SPEND.grains:
        assert ledger.read(f"SELECT {measures} FROM {SPEND.table(grain)}").rows() == raw


def test_attempts_are_read_at_the_ends_and_where_the_rollup_is_behind(ledger: Ledger) -> None:
    forget(ledger)
    record(ledger, [Attempt(NOON - timedelta(hours=hours)) for hours in range(24)])
    roll_up(ledger)
    record(ledger, [Attempt(NOON - timedelta(hours=15, minutes=-5)), Attempt(NOON - timedelta(hours=20))])
    filters = Filters(NOON - timedelta(hours=9, minutes=30), NOON - timedelta(minutes=30))

    source = source_of(filters, with_previous=True, by_bucket=False, ledger=ledger)

    before_noon = [((to_us(NOON) - start) / HOUR_US, (to_us(NOON) - end) / HOUR_US) for start, end in source.raw]
    assert source.grain == "hour"
    assert before_noon == [(18.5, 18), (15, 14), (10, 9), (1, 0.5)]


def test_too_many_stretches_are_read_as_one(ledger: Ledger) -> None:
    forget(ledger)
    record(ledger, [Attempt(NOON - timedelta(hours=2 * number)) for number in range(1, 30)])
    source = source_of(Filters(NOON - 5 * DAY, NOON), with_previous=False, by_bucket=False, ledger=ledger)
    assert len(source.raw) == 1 < sources.MOST_SPANS
