"""What the Reliability page reads: figures out of the rollups, episodes, and where requests moved on to."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics import stats as overview
from analytics.failover.requests import outcomes
from analytics.filters import Filters
from analytics.reliability import stats
from analytics.reliability.episodes import MINUTE, episodes, episodes_in
from analytics.retention.keeping import Keeping, retain
from analytics.rollups.declared import DAY_US, HOUR_US, MINUTE_US
from analytics.rollups.refresh import refresh_rollups
from analytics.rollups.spans import cuts
from scalix.times import to_us
from tests.attempt_rows import NOON, Attempt, after_noon, around, failure, forget, record, rolled_up

if TYPE_CHECKING:
    from scalix.store.ledger import Ledger

WIDTHS = {"minutes": MINUTE_US, "hours": HOUR_US, "days": DAY_US}


def traffic(minutes: range, *, errors: int, of: int = 10, **fields: object) -> list[Attempt]:
    """``of`` attempts a minute, the first ``errors`` of which fail."""
    return [
        failure(started_at=NOON + MINUTE * minute, **fields)
        if number < errors
        else Attempt(NOON + MINUTE * minute, **fields)  # type: ignore[arg-type]  # by name
        for minute in minutes
        for number in range(of)
    ]


def test_figures_by_name_with_quantiles_within_one_percent(ledger: Ledger) -> None:
    quick = [Attempt(latency_us=1_000 * number, model="quick") for number in range(1, 101)]
    broken = [failure(model="quick", provider_cost_usd=Decimal("0.5")), failure(model="slow", error_kind="timeout")]
    rolled_up(ledger, *quick, *broken, Attempt(model="slow", latency_us=5_000_000, ttft_us=70_000))
    first, second = stats.by_name(around(), "model", ledger).to_dicts()
    assert (first["name"], first["attempts"], first["provider_errors"]) == ("quick", 101, 1)
    assert first["latency_p50_us"] == pytest.approx(50_000, rel=0.01)
    assert first["latency_p95_us"] == pytest.approx(95_000, rel=0.01)
    assert (first["wasted_usd"], second["wasted_usd"]) == (Decimal("0.5"), None)
    assert second["ttft_p95_us"] == pytest.approx(70_000, rel=0.01)
    assert second["error_rate"] == 0.5
    kinds = stats.error_kinds(around(), "model", ledger).rows()
    assert kinds == [("quick", "server", False, 1), ("slow", "timeout", False, 1)]


def test_stretches_are_as_wide_as_the_span_asks_for(ledger: Ledger) -> None:
    rolled_up(ledger, Attempt(NOON), Attempt(after_noon(minutes=1)), failure(started_at=after_noon(hours=2)))
    frame = stats.over_time(around(), "provider", ledger)
    assert frame["at"].to_list() == [NOON, after_noon(hours=2)]
    assert frame["error_rate"].to_list() == [0.0, 1.0]
    long = Filters(NOON - timedelta(days=200), NOON + timedelta(days=1))
    assert stats.over_time(long, "provider", ledger)["attempts"].to_list() == [3]


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (timedelta(hours=-80, minutes=-7), timedelta(hours=3, minutes=11)),
        (timedelta(hours=-30), timedelta(minutes=1)),
        (timedelta(hours=-25, minutes=-1), timedelta(hours=-1)),
        (timedelta(minutes=-50), timedelta(minutes=40)),
        (timedelta(days=-40, minutes=3), timedelta(days=-1, minutes=2)),
        (timedelta(days=-300), timedelta(hours=1)),
        (timedelta(hours=-4, minutes=-50, seconds=-20), timedelta(minutes=-20, seconds=-3)),
        (timedelta(seconds=-70), timedelta(seconds=-3)),
        (timedelta(seconds=-7), timedelta(seconds=3)),
    ],
)
def test_a_table_put_together_of_days_hours_and_minutes_adds_up_to_its_chart(
    ledger: Ledger, start: timedelta, end: timedelta
) -> None:
    asked = Filters(NOON + start, NOON + end)
    beside = [timedelta(seconds=sign * seconds) for sign in (-1, 1) for seconds in (1, 59, 3_000, 80_000)]
    moments = [NOON - timedelta(minutes=number * number) for number in range(240)]
    moments += [at + distance for at in (asked.start, asked.end) for distance in beside]
    rolled_up(ledger, *(failure(started_at=at) for at in moments))
    charted = stats.over_time(asked, "provider", ledger)["attempts"].sum()
    assert charted == sum(asked.start <= at < asked.end for at in moments) > 0
    assert stats.by_hour(asked, ledger)["ended"].sum() == charted
    assert overview.totals(asked, ledger)[0].attempts == charted
    assert outcomes(asked, ledger).ended_attempts == charted
    assert stats.by_name(asked, "provider", ledger)["attempts"].sum() == charted
    assert stats.error_kinds(asked, "provider", ledger)["errors"].sum() == charted


def test_most_of_a_long_span_is_read_by_the_day(ledger: Ledger) -> None:
    rolled_up(ledger, *(Attempt(NOON - timedelta(hours=hours)) for hours in range(72)))
    with ledger.transaction() as cursor:
        for table, first, end in (("hour", -36, -12), ("minute", -99, 0)):
            between = [NOON + timedelta(hours=first), NOON + timedelta(hours=end)]
            cursor.execute(f"DELETE FROM reliability_{table} WHERE bucket_at >= ? AND bucket_at < ?", between)
    asked = Filters(NOON - timedelta(hours=48), NOON + timedelta(minutes=1))
    assert stats.by_name(asked, "provider", ledger)["attempts"].to_list() == [49]


@given(minutes=st.integers(min_value=-200_000, max_value=0), length=st.integers(min_value=1, max_value=200_000))
def test_cuts_follow_one_another_and_fall_on_whole_hours_and_days(minutes: int, length: int) -> None:
    start = NOON + timedelta(minutes=minutes, seconds=7)
    filters = Filters(start, start + timedelta(minutes=length))
    for coarsest in ("minute", "hour", "day"):
        for has_minutes in (True, False):
            found = cuts(filters, coarsest, has_minutes=has_minutes)
            moments = list(found.values())
            assert moments == sorted(moments)
            assert (moments[0], moments[-1]) == (filters.start, filters.end)
            for width in ("minutes", "hours", "days"):
                first, last = found[f"{width}_at"], found[f"{width}_end"]
                assert first == last or {to_us(first) % WIDTHS[width], to_us(last) % WIDTHS[width]} == {0}


def test_ends_of_a_span_are_read_attempt_by_attempt_where_minutes_are_no_longer_kept(ledger: Ledger) -> None:
    moments = [NOON - timedelta(minutes=7 * number) for number in range(900)]
    rolled_up(ledger, *(Attempt(at) for at in moments))
    retain(ledger, Keeping(minute=1), now_us=to_us(NOON))
    asked = Filters(NOON - timedelta(days=3, minutes=17), NOON - timedelta(days=2, minutes=40))
    within = sum(asked.start <= at < asked.end for at in moments)
    assert stats.by_name(asked, "provider", ledger)["attempts"].to_list() == [within]
    assert outcomes(asked, ledger).answered == within


def test_single_attempts_add_up_to_what_the_rollup_has_of_them(ledger: Ledger) -> None:
    kinds: list[dict[str, Any]] = [
        {},
        {"error_kind": "bad_request"},
        {"upstream": False},
        {"ttft_us": 70_000},
        {"litellm_cost_usd": None},
    ]
    every = [
        Attempt(after_noon(minutes=number), status=status, latency_us=3**number * 7, **kind)
        for number, status in enumerate(("success", "failure", "cancelled"))
        for kind in kinds
    ]
    rolled_up(ledger, *every)
    whole = Filters(NOON, after_noon(minutes=3))
    by_minute = [stats.by_name(whole, "provider", ledger), stats.error_kinds(whole, "provider", ledger)]
    with ledger.transaction() as cursor:
        cursor.execute("DELETE FROM reliability_minute").fetchall()
        cursor.execute("INSERT INTO retentions VALUES ('minute', ?)", [after_noon(days=1)]).fetchall()
    assert stats.by_name(whole, "provider", ledger).equals(by_minute[0])
    assert stats.error_kinds(whole, "provider", ledger).equals(by_minute[1])


def test_filters_narrow_every_figure(ledger: Ledger) -> None:
    rolled_up(ledger, Attempt(provider="a"), failure(provider="b"))
    only = around(providers=("b",))
    assert stats.by_name(only, "provider", ledger)["name"].to_list() == ["b"]
    assert stats.over_time(only, "provider", ledger)["name"].to_list() == ["b"]
    assert stats.error_kinds(only, "provider", ledger)["name"].to_list() == ["b"]


def test_an_outage_is_found_with_its_start_end_depth_and_cause(ledger: Ledger) -> None:
    rolled_up(
        ledger,
        *traffic(range(-30, 0), errors=0, deployment_id="eu"),
        *traffic(range(12), errors=9, deployment_id="eu", error_kind="rate_limit"),
        *traffic(range(12, 40), errors=0, deployment_id="eu"),
    )
    (found,) = episodes(around(), ledger)
    assert (found.kind, found.deployment, found.cause) == ("outage", "eu", "rate_limit")
    assert (found.started_at, found.ended_at) == (NOON, after_noon(minutes=12))
    assert found.detected_at == after_noon(minutes=1)
    assert found.depth == pytest.approx(0.9)
    assert (found.attempts, found.provider_errors) == (120, 108)


def test_a_brown_out_is_a_degradation_and_two_troubles_far_apart_are_two(ledger: Ledger) -> None:
    rolled_up(
        ledger,
        *traffic(range(10), errors=2),
        *traffic(range(10, 60), errors=0),
        *traffic(range(60, 65), errors=2),
    )
    late, early = episodes(around(), ledger)
    assert (early.kind, late.kind) == ("degradation", "degradation")
    assert (early.started_at, late.started_at) == (NOON, after_noon(minutes=60))


def test_a_provider_in_trouble_shows_where_each_deployment_has_too_little_traffic(ledger: Ledger) -> None:
    names = [f"d{number}" for number in range(12)]
    for number, name in enumerate(names):
        minutes = range(number, number + 36, 12)
        record(ledger, traffic(minutes, errors=1, of=1, deployment_id=name))
    refresh_rollups(ledger, now_us=0)
    (found,) = episodes(around(), ledger)
    assert (found.provider, found.deployment, found.kind) == ("openai", None, "outage")
    assert found.started_at == NOON


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 600), st.integers(1, 12), st.integers(0, 12)), max_size=40))
def test_the_minutes_that_are_left_out_have_to_do_with_no_episode(
    ledger: Ledger, minutes: list[tuple[int, int, int]]
) -> None:
    forget(ledger)
    with ledger.transaction() as cursor:
        for grain in ("minute", "hour", "day"):
            cursor.execute(f"DELETE FROM reliability_{grain}").fetchall()
    quiet = traffic(range(0, 600, 7), errors=0, of=2, deployment_id="d")
    busy = [one for at, of, bad in minutes for one in traffic(range(at, at + 1), errors=bad, of=of, deployment_id="d")]
    rolled_up(ledger, *quiet, *busy)
    every = ledger.read(
        "SELECT bucket_at, provider, deployment_id AS deployment, false AS shared, succeeded + failed AS ended, "
        "provider_errors, errors FROM reliability_minute"
    )
    span = Filters(NOON - timedelta(hours=1), NOON + timedelta(hours=12))
    assert episodes(span, ledger) == episodes_in(every)


def test_a_few_failures_are_no_episode(ledger: Ledger) -> None:
    rolled_up(ledger, *traffic(range(4), errors=1, of=1), *traffic(range(20, 60), errors=0, of=30), failure())
    assert episodes(around(), ledger) == []


def test_our_own_and_the_callers_faults_are_no_episode(ledger: Ledger) -> None:
    rolled_up(ledger, *traffic(range(10), errors=9, error_kind="bad_request"))
    assert episodes(around(), ledger) == []
