"""Requests and moves as the rollups have them, against the same worked out attempt by attempt in plain Python."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.rollups.refresh import refresh_rollups
from scalix.folder import Folder
from scalix.store.ledger import Ledger
from tests.attempt_rows import NOON, Attempt, after_noon, failure, forget, record

if TYPE_CHECKING:
    from collections.abc import Iterator

HOUR = timedelta(hours=1)
starts = st.lists(st.integers(-7200, 7200), unique=True, min_size=1, max_size=14)
outcomes = st.sampled_from(["success", "failure", "failure", "cancelled"])
kinds = st.sampled_from(["server", "timeout", "bad_request"])
costs = st.none() | st.integers(0, 50).map(lambda cents: Decimal(cents) / 100)


@st.composite
def chains(draw: st.DrawFn) -> list[Attempt]:
    """Attempts of a few traces, each trace at times of its own."""
    return [
        Attempt(
            after_noon(seconds=second),
            request=request,
            deployment_id=draw(st.sampled_from(["a", "b", "c"])),
            status=(status := draw(outcomes)),
            error_kind=draw(kinds) if status == "failure" else None,
            provider_cost_usd=draw(costs),
            litellm_cost_usd=None,
        )
        for request in range(draw(st.integers(1, 3)))
        for second in draw(starts)
    ]


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    opened = Ledger.open(Folder(tmp_path_factory.mktemp("chains")))
    yield opened
    opened.close()


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chains())
def test_requests_and_moves_are_those_of_the_attempts(ledger: Ledger, attempts: list[Attempt]) -> None:
    empty(ledger)
    record(ledger, attempts)
    refresh_rollups(ledger, now_us=0)
    parts = [part for _, trace in groupby(attempts, key=lambda one: one.request) for part in cut(list(trace))]
    found = [[one for one in part if one.started_at >= part[-1].started_at - HOUR] for part in parts]
    sums = "sum(answered), sum(failed), sum(own_fault), sum(given_up), sum(recovered), sum(attempts), sum(wasted_usd)"
    assert ledger.read(f"SELECT {sums} FROM requests_day").row(0) == expected_sums(found)
    expected = sorted((move for part in parts for move in moves(part)), key=lambda move: move[:2])
    columns = "moved_from, moved_to, sum(moves), sum(served), sum(added_us), sum(wasted_usd)"
    edges = ledger.read(f"SELECT {columns} FROM moves_minute GROUP BY ALL ORDER BY ALL").rows()
    assert edges == summed(expected)


def cut(trace: list[Attempt]) -> list[list[Attempt]]:
    """A trace, cut where a success ends a request or nothing follows within an hour."""
    parts: list[list[Attempt]] = [[]]
    for one in sorted(trace, key=lambda one: one.started_at):
        before = parts[-1][-1] if parts[-1] else None
        if before and (before.status == "success" or one.started_at - before.started_at > HOUR):
            parts.append([])
        parts[-1].append(one)
    return parts


def expected_sums(found: list[list[Attempt]]) -> tuple[object, ...]:
    """What all requests add up to."""
    last = [request[-1] for request in found]
    failed = [one for one in last if one.status == "failure"]
    costs = [one.provider_cost_usd for request in found for one in request if one.status != "success"]
    known = [cost for cost in costs if cost is not None]
    return (
        sum(one.status == "success" for one in last),
        sum(one.error_kind != "bad_request" for one in failed),
        sum(one.error_kind == "bad_request" for one in failed),
        sum(one.status == "cancelled" for one in last),
        sum(request[-1].status == "success" and any(one.status == "failure" for one in request) for request in found),
        sum(map(len, found)),
        sum(known, Decimal(0)) if known else None,
    )


Move = tuple[str, str, bool, int, Decimal | None]


def moves(part: list[Attempt]) -> Iterator[Move]:
    """Where a run of attempts at one deployment ended in a failure and another deployment came next."""
    runs = [list(run) for _, run in groupby(part, key=lambda one: str(one.deployment_id))]
    for run, following in pairwise(runs):
        if run[-1].status != "failure":
            continue
        came = following[0].started_at
        recent = [one for one in run if one.started_at >= came - HOUR]
        known = [one.provider_cost_usd for one in recent if one.provider_cost_usd is not None]
        served = any(one.status == "success" and one.started_at <= came + HOUR for one in following)
        added = (came - recent[0].started_at) // timedelta(microseconds=1)
        cost = sum(known, Decimal(0)) if known else None
        yield str(run[0].deployment_id), str(following[0].deployment_id), served, added, cost


def summed(found: list[Move]) -> list[tuple[object, ...]]:
    """The moves of each pair of deployments together."""
    rows: list[tuple[object, ...]] = []
    for (moved_from, moved_to), group in groupby(found, key=lambda move: (move[0], move[1])):
        these = list(group)
        known = [cost for *_, cost in these if cost is not None]
        wasted = sum(known, Decimal(0)) if known else None
        served, added = sum(move[2] for move in these), sum(move[3] for move in these)
        rows.append((moved_from, moved_to, len(these), served, added, wasted))
    return rows


def empty(ledger: Ledger) -> None:
    """No attempts, and no rollups of any."""
    forget(ledger)
    with ledger.transaction() as cursor:
        for rollup in ("requests", "moves", "reliability"):
            for grain in ("minute", "hour", "day"):
                cursor.execute(f"DELETE FROM {rollup}_{grain}").fetchall()
        cursor.execute("DELETE FROM rollup_fills").fetchall()


def test_an_attempt_that_comes_late_makes_one_request_of_two(ledger: Ledger) -> None:
    empty(ledger)
    record(ledger, [failure(request=1, deployment_id="a"), failure(started_at=after_noon(minutes=90), request=1)])
    refresh_rollups(ledger, now_us=0)
    assert ledger.read("SELECT sum(failed) FROM requests_day").item() == 2
    record(ledger, [failure(started_at=after_noon(minutes=45), request=1, deployment_id="b")])
    refresh_rollups(ledger, now_us=0)
    assert ledger.read("SELECT sum(failed) FROM requests_day").item() == 1
    assert ledger.read("SELECT moved_from, moved_to FROM moves_day ORDER BY ALL").rows()[0] == ("a", "b")


def test_a_trace_that_lives_on_is_a_request_for_each_success(ledger: Ledger) -> None:
    empty(ledger)
    record(ledger, [Attempt(NOON + timedelta(seconds=number), request=1) for number in range(50)])
    refresh_rollups(ledger, now_us=0)
    assert ledger.read("SELECT sum(answered), sum(recovered) FROM requests_day").row(0) == (50, 0)
