"""Objectives: what pages and when, replayed minute by minute, and that too few events are never called ok."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from analytics.objectives import shelf
from analytics.objectives.definitions import DEFAULTS, Objective, checked, from_json, from_toml, to_json
from analytics.objectives.state import objective_states, state_of
from analytics.rollups.refresh import refresh_rollups
from scalix.errors import SettingsError
from scalix.folder import Folder
from scalix.store.control import ControlStore
from scalix.times import to_us
from tests.attempt_rows import NOON, Attempt, after_noon, failure, record
from tests.spool_files import rows, take_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from analytics.objectives.state import ObjectiveState
    from scalix.store.ledger import Ledger

SUCCESS, ERRORS, LATENCY = DEFAULTS[0], DEFAULTS[1], DEFAULTS[2]
A_MINUTE = 20
"""Requests a minute in the replays."""


@pytest.fixture
def control(tmp_path: Path) -> Iterator[ControlStore]:
    store = ControlStore.in_folder(Folder(tmp_path))
    yield store
    store.close()


def replay(ledger: Ledger, first: int, last: int, *, failing: range = range(0), share: float = 1.0) -> None:
    """Requests of the minutes from noon on; in the failing ones a share of them fails, spread evenly."""
    attempts, owed = [], 0.0
    for minute in range(first, last):
        for number in range(A_MINUTE):
            at = after_noon(minutes=minute, seconds=number * 60 / A_MINUTE)
            owed += share if minute in failing else 0.0
            attempts.append(failure(started_at=at) if owed >= 1 else Attempt(at))
            owed -= owed >= 1
    record(ledger, attempts)
    refresh_rollups(ledger, now_us=0)


def state(ledger: Ledger, minute: float, objective: Objective = SUCCESS) -> ObjectiveState:
    return state_of(objective, ledger, to_us(after_noon(minutes=minute)))


def pages(ledger: Ledger, minute: float) -> bool:
    """Whether anybody is woken."""
    return any(burn.pair.severity == "page" for burn in state(ledger, minute).burning)


def test_an_outage_pages_in_under_six_minutes_and_the_page_ends_within_ten_of_its_end(ledger: Ledger) -> None:
    replay(ledger, -180, 60, failing=range(20))
    first = next(minute for minute in range(60) if pages(ledger, minute))
    assert 0 < first < 6
    assert all(pages(ledger, minute) for minute in range(first, 20))
    fast = [minute for minute in range(20, 60) if state(ledger, minute).burns[0].status == "burning"]
    assert max(fast) < 30


def test_a_burn_a_little_above_the_factor_pages_in_under_six_minutes_where_traffic_begins_with_it(
    ledger: Ledger,
) -> None:
    replay(ledger, 0, 8, failing=range(8), share=0.005 * 16)
    assert next(minute for minute in range(9) if pages(ledger, minute)) < 6


def test_after_a_clean_time_a_burn_a_little_above_the_factor_pages_when_two_percent_of_the_allowance_are_gone(
    ledger: Ledger,
) -> None:
    replay(ledger, -120, 70, failing=range(70), share=0.005 * 16)
    fast = [minute for minute in range(70) if state(ledger, minute).burns[0].status == "burning"]
    assert 50 <= fast[0] <= 61


def test_a_spike_that_ends_in_two_minutes_wakes_nobody(ledger: Ledger) -> None:
    replay(ledger, -360, 60, failing=range(2))
    assert not any(pages(ledger, minute / 2) for minute in range(120))


def test_a_slow_burn_is_a_ticket_and_no_page(ledger: Ledger) -> None:
    replay(ledger, -720, 0, failing=range(-720, 0), share=0.01)
    (burn,) = state(ledger, 0).burning
    assert (burn.pair.name, burn.pair.severity) == ("3d", "ticket")
    assert burn.long_rate == pytest.approx(2, rel=0.02)


def test_too_few_events_are_not_evaluated_whatever_became_of_them(ledger: Ledger) -> None:
    record(ledger, [failure(started_at=after_noon(minutes=-1))] * 10)
    refresh_rollups(ledger, now_us=0)
    few = state(ledger, 0)
    assert (few.status, few.events, few.value, few.budget_left) == ("not_evaluated", 10, None, None)
    assert {burn.status for burn in few.burns} == {"not_evaluated"}
    assert state(ledger, 60 * 24 * 40).events == 0


def test_an_allowance_that_is_gone_is_breached_and_what_is_left_is_a_share_of_it(ledger: Ledger) -> None:
    quiet = [Attempt(after_noon(hours=-50, seconds=number)) for number in range(990)]
    record(ledger, [*quiet, *[failure(started_at=after_noon(hours=-50))] * 10])
    refresh_rollups(ledger, now_us=0)
    gone = state(ledger, 0)
    assert (gone.status, gone.bad) == ("breached", 10)
    assert gone.value == pytest.approx(99)
    assert gone.budget_left == pytest.approx(-1)
    looser = Objective(name="x", measure="success", target=Decimal(98))
    assert state(ledger, 0, looser).budget_left == pytest.approx(0.5)


def test_success_is_of_requests_after_failover_and_errors_are_of_attempts(ledger: Ledger) -> None:
    saved = [
        one
        for number in range(60)
        for one in (
            failure(started_at=after_noon(minutes=-9, seconds=number), request=number, deployment_id="a"),
            Attempt(after_noon(minutes=-9, seconds=number + 2), request=number, deployment_id="b"),
        )
    ]
    record(ledger, [*saved, failure(started_at=after_noon(minutes=-8), error_kind="bad_request")])
    refresh_rollups(ledger, now_us=0)
    assert (state(ledger, 0).value, state(ledger, 0).events) == (100, 60)
    assert state(ledger, 0, ERRORS).value == pytest.approx(100 * 60 / 121)
    of_b = Objective(name="b", measure="success", target=Decimal(99), scope={"deployment": "b"})
    assert (state(ledger, 0, of_b).value, state(ledger, 0, of_b).events) == (100, 60)


def test_time_is_measured_as_callers_and_as_deployments_see_it(ledger: Ledger) -> None:
    slow = [Attempt(after_noon(minutes=-5), latency_us=9_000_000, team_alias="ads", deployment_id="d")] * 10
    quick = [Attempt(after_noon(minutes=-5), latency_us=1_000_000, ttft_us=300_000, team_alias="search")] * 90
    record(ledger, [*slow, *quick])
    refresh_rollups(ledger, now_us=0)

    def measured(measure: str, target: str, **scope: str) -> ObjectiveState:
        objective = Objective(name="x", measure=measure, target=Decimal(target), scope=scope, least_events=5)  # type: ignore[arg-type]  # by name
        return state(ledger, 0, checked(objective))

    assert state(ledger, 0, LATENCY).value == pytest.approx(1.8)
    assert measured("mean_latency", "1", team="ads").value == pytest.approx(9)
    assert measured("mean_latency", "10", deployment="d").budget_left == pytest.approx(0.1)
    assert (measured("p95_latency", "2").status, measured("p95_latency", "2").bad) == ("breached", 10)
    assert measured("p95_latency", "9").bad == 0
    assert measured("p95_ttft", "0.3", team="search").budget_left == 1
    assert measured("mean_ttft", "0.2").status == "breached"


def test_defaults_hold_until_they_are_edited_or_removed_and_every_change_is_a_fact(
    ledger: Ledger, control: ControlStore
) -> None:
    spool = ledger.folder.spool
    stricter = Objective(name="success", measure="success", target=Decimal("99.9"))
    shelf.keep(control, spool, stricter, reason="promised", replace=True)
    shelf.remove(control, spool, "latency", reason="later")
    mine = Objective(name="search", measure="p95_ttft", target=Decimal("0.8"), scope={"team": "search"}, window="7d")
    shelf.keep(control, spool, mine, reason=None, replace=False)
    states = objective_states(ledger, control, to_us(NOON))
    assert [one.objective for one in states] == [ERRORS, mine, stricter]
    assert [(one.subject, one.window, one.status) for one in states][1] == ("team search", "7d", "not_evaluated")
    with pytest.raises(SettingsError, match="already"):
        shelf.keep(control, spool, stricter, reason=None, replace=False)
    with pytest.raises(SettingsError, match="no objective latency"):
        shelf.remove(control, spool, "latency", reason=None)
    take_in(ledger)
    take_in(ledger)
    facts = rows(ledger, "name", "reason", "definition IS NULL", table="objective_changes")
    assert facts == [("latency", "later", True), ("search", None, False), ("success", "promised", False)]


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"target": Decimal(100)}, "percent between 0 and 100"),
        ({"measure": "p95_latency", "target": Decimal(0)}, "seconds"),
        ({"window": "month"}, "24h or 30d"),
        ({"scope": {"planet": "earth"}}, "planet"),
        ({"scope": {"team": "a", "provider": "b"}}, "not told apart"),
        ({"least_events": 0}, "too few"),
        ({"name": ""}, "name"),
    ],
)
def test_what_cannot_be_an_objective_is_refused(fields: dict[str, object], says: str) -> None:
    given = {"name": "x", "measure": "success", "target": Decimal(99), **fields}
    with pytest.raises(SettingsError, match=says):
        checked(Objective(**given))  # type: ignore[arg-type]  # by name


def test_objectives_survive_json_and_toml(tmp_path: Path) -> None:
    assert from_json(to_json(LATENCY)) == LATENCY
    file = tmp_path / "objectives.toml"
    file.write_text('[[objective]]\nname = "x"\nmeasure = "p95_ttft"\ntarget = 0.8\nscope = { provider = "openai" }\n')
    assert from_toml(file) == [
        Objective(name="x", measure="p95_ttft", target=Decimal("0.8"), scope={"provider": "openai"})
    ]
    file.write_text('[[objective]]\nname = "x"\nmeasure = "luck"\ntarget = 1\n')
    with pytest.raises(SettingsError, match="luck"):
        from_toml(file)
