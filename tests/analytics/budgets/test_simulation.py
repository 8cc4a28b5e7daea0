"""What a budget would have done: when, to whose calls, and whether its alerts would have been worth it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from analytics.budgets.definitions import Budget, Threshold
from analytics.budgets.simulation import simulate
from scalix.errors import SettingsError
from scalix.folder import Folder
from scalix.store.ledger import Ledger
from tests.attempt_rows import NOON, Attempt, forget, record

if TYPE_CHECKING:
    from collections.abc import Iterator

MIDNIGHT = NOON - timedelta(hours=12)
WARN, BLOCK = Threshold(50), Threshold(100, "block")


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    opened = Ledger.open(Folder(tmp_path_factory.mktemp("simulation")))
    yield opened
    opened.close()


@pytest.fixture
def ledger(opened: Ledger) -> Ledger:
    forget(opened)
    return opened


def hourly(hours: range, **columns: Any) -> list[Attempt]:
    """A dollar in the middle of each hour after midnight, known a second later."""
    return [
        Attempt(MIDNIGHT + timedelta(hours=hour, minutes=30), litellm_cost_usd=Decimal(1), **columns) for hour in hours
    ]


def daily(**fields: Any) -> Budget:
    return Budget(**{"name": "b", "amount_usd": Decimal(10), "window": "day", "thresholds": (WARN, BLOCK), **fields})


def test_it_warns_then_blocks_at_the_end_of_the_call_that_crosses(ledger: Ledger) -> None:
    record(ledger, [*hourly(range(12), team_alias="ads"), *hourly(range(12, 20), team_alias="search")])
    found = simulate(daily(), ledger, MIDNIGHT, MIDNIGHT + timedelta(days=1))
    (run,) = found.runs
    crossed = MIDNIGHT + timedelta(hours=9, minutes=30, seconds=1)
    assert run.reached == {WARN: crossed - timedelta(hours=5), BLOCK: crossed}
    assert run.blocked == [(crossed, MIDNIGHT + timedelta(days=1))]
    assert (found.blocked_calls, found.blocked_usd) == (10, Decimal(10))
    assert found.blocked.select("team", "calls").rows() == [("search", 8), ("ads", 2)]
    warned, blocked = found.verdicts
    assert (warned.reached, warned.noise, warned.lead_s) == (1, 0, 5 * 3600)
    assert (blocked.reached, blocked.noise, blocked.lead_s) == (1, 0, 0)


def test_a_call_that_was_under_way_is_not_blocked_and_counts(ledger: Ledger) -> None:
    record(ledger, hourly(range(10)))
    before = MIDNIGHT + timedelta(hours=9, minutes=29)
    record(ledger, [Attempt(before, litellm_cost_usd=Decimal(5), latency_us=3_600_000_000)])
    found = simulate(daily(), ledger, MIDNIGHT, MIDNIGHT + timedelta(days=1))
    assert found.blocked_calls == 0


def test_a_warning_in_a_window_that_never_ran_out_is_noise(ledger: Ledger) -> None:
    record(ledger, [*hourly(range(6)), *hourly(range(24, 44))])
    found = simulate(daily(), ledger, MIDNIGHT, MIDNIGHT + timedelta(days=2))
    assert [(one.reached, one.noise) for one in found.verdicts] == [(2, 1), (1, 0)]


def test_a_rolling_window_blocks_until_enough_is_past(ledger: Ledger) -> None:
    record(ledger, hourly(range(24)))
    budget = daily(window="6h", amount_usd=Decimal(4))
    found = simulate(budget, ledger, MIDNIGHT, MIDNIGHT + timedelta(days=1))
    stretches = [stretch for run in found.runs for stretch in run.blocked]
    half = timedelta(minutes=30)
    # Four dollars by 3:30; the first of them is past at 6:30, when one more call is let through, and so on.
    assert stretches[0] == (
        MIDNIGHT + timedelta(hours=3) + half + timedelta(seconds=1),
        MIDNIGHT + timedelta(hours=6) + half,
    )
    made = 24 - found.blocked_calls
    assert made == 16, "four of every six"


def test_only_what_counts_toward_it_is_looked_at(ledger: Ledger) -> None:
    record(ledger, [*hourly(range(20), team_alias="ads", tags=("x",)), *hourly(range(20), team_alias="search")])
    for scope in ({"team": "ads"}, {"tag": "x"}):
        found = simulate(daily(scope=scope), ledger, MIDNIGHT, MIDNIGHT + timedelta(days=1))
        assert found.blocked_calls == 10
    assert simulate(daily(scope={"team": "nobody"}), ledger, MIDNIGHT, NOON).runs == ()


def test_an_answer_can_be_read_by_machines_and_an_empty_span_is_refused(ledger: Ledger) -> None:
    record(ledger, hourly(range(20)))
    told: list[float] = []
    found = simulate(daily(), ledger, MIDNIGHT, MIDNIGHT + timedelta(days=1), progress=told.append).as_dict()
    assert (found["blocked_usd"], found["thresholds"][1]["reached"], told) == ("10.000000000000", 1, [0.0])
    with pytest.raises(SettingsError, match="earlier moment first"):
        simulate(daily(), ledger, NOON, NOON)
