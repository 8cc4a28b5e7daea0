"""However rows come in, late, repriced, rolled up or not: budgets stand as adding up the raw rows by hand says."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.budgets.definitions import Budget
from analytics.budgets.state import states_of
from analytics.rollups.refresh import refresh_rollups
from scalix.folder import Folder
from scalix.store.ledger import Ledger
from tests.attempt_rows import Attempt, forget, record, reprice
from tests.soak import at_length

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "America/Havana")
MOMENTS = (
    datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC),  # Berlin springs forward a second later
    datetime(2026, 3, 29, 13, 7, tzinfo=UTC),
    datetime(2026, 10, 25, 1, 30, tzinfo=UTC),  # Berlin's 2:30 for the second time
    datetime(2026, 11, 1, 5, 30, tzinfo=UTC),  # New York's 1:30 for the second time but one
    datetime(2026, 4, 4, 15, 15, tzinfo=UTC),  # Lord Howe goes back by half an hour
    datetime(2028, 2, 29, 18, 45, tzinfo=UTC),
    datetime(2028, 3, 1, 0, 0, tzinfo=UTC),
)
KINDS = ("hour", "day", "week", "month", "5h", "36h", "30d")
SCOPES: tuple[dict[str, str], ...] = (
    {},
    {"application": "bot"},
    {"provider": "openai"},
    {"team": "search"},
    {"user": "u1", "model": "a"},
    {"end_user": "e"},
    {"key": "alias"},
    {"tag": "y"},
    {"team": "ads", "tag": "x"},
    {"deployment": "d", "model_group": "g"},
)
EXAMPLES = at_length(8, 2000)

offsets = st.one_of(
    st.integers(-35 * 86_400, 3_600),
    st.integers(-7_200, 60),  # around the moment itself, where hours are cut
).map(lambda seconds: timedelta(seconds=seconds))
costs = st.none() | st.decimals(Decimal(0), Decimal(1000), places=12)


@st.composite
def attempts(draw: st.DrawFn) -> Callable[[datetime], Attempt]:
    """One attempt, given the moment around which it lies."""
    offset = draw(offsets)
    columns: dict[str, Any] = {
        "provider": draw(st.sampled_from(["openai", "azure"])),
        "model": draw(st.sampled_from(["a", "b"])),
        "model_group": draw(st.sampled_from(["g", None])),
        "deployment_id": draw(st.sampled_from(["d", None])),
        "team_alias": draw(st.sampled_from(["search", "ads", None])),
        "team_id": draw(st.sampled_from(["search", "1"])),
        "user_id": draw(st.sampled_from(["u1", None])),
        "end_user": draw(st.sampled_from(["e", None])),
        "key_hash": "hash",
        "key_alias": draw(st.sampled_from(["alias", None])),
        "tags": draw(st.sampled_from([None, (), ("x",), ("y", "x"), ("z", "y")])),
        "metadata": draw(st.sampled_from([None, '{"application": "bot"}', '{"app": "bot"}', '{"app": "else"}'])),
        "upstream": draw(st.sampled_from([True, None, False])),
        "litellm_cost_usd": draw(costs),
        "high_cost_usd": draw(st.none() | st.just(Decimal("0.5"))),
    }
    return lambda moment: Attempt(moment + offset, **columns)


@dataclass(frozen=True)
class Story:
    """What happens to a ledger before its budgets are asked for."""

    at: datetime
    early: list[Callable[[datetime], Attempt]]
    late: list[Callable[[datetime], Attempt]]
    repriced: int
    """Every so many rows get another cost; 0 is none."""
    rolled_up_in_the_end: bool


stories = st.builds(
    Story,
    at=st.sampled_from(MOMENTS) | st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001 - zone follows
    early=st.lists(attempts(), max_size=25),
    late=st.lists(attempts(), max_size=8),
    repriced=st.integers(0, 4),
    rolled_up_in_the_end=st.booleans(),
)


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    opened = Ledger.open(Folder(tmp_path_factory.mktemp("drift")))
    yield opened
    opened.close()


@pytest.mark.soak
@pytest.mark.timeout(EXAMPLES * 5 + 60)
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(stories, st.sampled_from(ZONES))
def test_the_state_is_what_the_raw_rows_add_up_to(ledger: Ledger, story: Story, zone: str) -> None:
    play(ledger, story)
    budgets = [
        Budget(name=f"{kind} {number}", amount_usd=Decimal(100), window=kind, zone=zone, scope=scope)
        for kind in KINDS
        for number, scope in enumerate(SCOPES)
    ]
    raw = rows(ledger)
    for state in states_of(budgets, ledger, story.at):
        inside = [row for row in raw if in_window(state.budget, row["started_at"], story.at)]
        counting = [row for row in inside if counts(row, state.budget.scope)]
        costs = [row["cost_usd"] for row in counting]
        where = (state.budget.name, state.budget.scope)
        assert state.spent_usd == sum((cost for cost in costs if cost is not None), Decimal(0)), where
        assert state.unpriced == sum(cost is None for cost in costs), where
        assert state.spent.attempts == sum(row["upstream"] is not False for row in counting), where
        unknown = [row["high_cost_usd"] for row in counting if row["cost_usd"] is None and row["high_cost_usd"]]
        assert state.open_usd == sum(unknown, Decimal(0)), where


def play(ledger: Ledger, story: Story) -> None:
    """Rows come in and are rolled up; then more come in late, and some get another cost."""
    forget(ledger)
    record(ledger, [make(story.at) for make in story.early])
    refresh_rollups(ledger, now_us=0)
    record(ledger, [make(story.at) for make in story.late])
    if story.repriced:
        known = [row["seq"] for row in rows(ledger)]
        reprice(ledger, known[:: story.repriced], Decimal("7.25"))
    if story.rolled_up_in_the_end:
        refresh_rollups(ledger, now_us=0)


def rows(ledger: Ledger) -> list[dict[str, Any]]:
    """The raw rows, with the cost that counts: adjusted, else as LiteLLM says."""
    found = ledger.read("SELECT * FROM attempts ORDER BY seq").to_dicts()
    for row in found:
        row["cost_usd"] = row["litellm_cost_usd"] if row["adjusted_usd"] is None else row["adjusted_usd"]
    return found


def in_window(budget: Budget, started_at: datetime, at: datetime) -> bool:
    """By what a wall clock and a calendar in the zone show, without any window's bounds."""
    if started_at >= at:
        return False
    if budget.period.length:
        return started_at >= at - budget.period.length
    zone = ZoneInfo(budget.zone)
    if budget.window == "hour":
        offset = at.astimezone(zone).utcoffset() or timedelta(0)
        return all_hours(started_at + offset) == all_hours(at + offset)
    mine, now = started_at.astimezone(zone).date(), at.astimezone(zone).date()
    return {
        "day": mine == now,
        "week": mine.isocalendar()[:2] == now.isocalendar()[:2],
        "month": (mine.year, mine.month) == (now.year, now.month),
    }[budget.window]


def all_hours(moment: datetime) -> int:
    return int(moment.timestamp() // 3600)


def counts(row: dict[str, Any], scope: dict[str, str]) -> bool:
    metadata = json.loads(row["metadata"] or "{}")
    known = {
        "provider": row["provider"],
        "model": row["model"],
        "model_group": row["model_group"],
        "deployment": row["deployment_id"],
        "team": row["team_alias"] or row["team_id"],
        "user": row["user_id"],
        "end_user": row["end_user"],
        "key": row["key_alias"] or row["key_hash"],
        "application": metadata.get("application") or metadata.get("app"),
    }
    plain = all(known[name] == value for name, value in scope.items() if name != "tag")
    return plain and ("tag" not in scope or scope["tag"] in (row["tags"] or ()))
