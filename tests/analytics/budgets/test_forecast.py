"""Forecasts against what came, on the demo's month and on a production trace; and what they say in plain cases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from analytics.budgets.calibration import calibration
from analytics.budgets.forecast import HOUR, Hours, forecast
from analytics.budgets.windows import Window
from scalix.demo.hourly import demo_month, trace_month

if TYPE_CHECKING:
    from collections.abc import Callable

END = datetime(2026, 11, 26, 12, tzinfo=UTC)
MONDAY = datetime(2026, 11, 2, tzinfo=UTC)
SERIES: dict[str, Callable[[], Hours]] = {"demo": lambda: demo_month(END), "trace": trace_month}


@pytest.mark.parametrize("name", SERIES)
def test_intervals_hold_what_they_promise_and_beat_seasonal_naive(name: str) -> None:
    history = SERIES[name]()
    judged = [calibration(history, Window(kind), timedelta(hours=9)) for kind in ("day", "week")]
    everything = [one for found in judged for one in found.judged]
    within = sum(one.covered(0, -1) for one in everything) / len(everything)
    assert len(everything) > 80
    assert 0.80 <= within <= 0.97, within
    assert all((found.loss_ratio or 9) < 1 for found in judged), [found.loss_ratio for found in judged]


def working_days(hours: int) -> Hours:
    """A dollar an hour by day, nothing by night and at weekends."""
    moments = [MONDAY + HOUR * n for n in range(hours)]
    return Hours(MONDAY, tuple(float(8 <= at.hour < 18 and at.weekday() < 5) for at in moments))


def test_the_days_of_the_week_and_the_hours_of_the_day_are_known() -> None:
    history = working_days(19 * 24 + 12)
    saturday_noon, sunday = MONDAY + timedelta(days=19, hours=12), MONDAY + timedelta(days=21)
    quiet = forecast(history, at=saturday_noon, end=sunday, spent_usd=3.0, amount_usd=100.0)
    assert quiet is not None
    assert quiet.at_end == (3.0,) * 5
    assert quiet.chance == 0.0
    busy = forecast(history, at=sunday, end=sunday + timedelta(days=1), spent_usd=0.0, amount_usd=5.0)
    assert busy is not None
    assert busy.at_end[0] < 10 < busy.at_end[-1]
    assert busy.at_end[2] == pytest.approx(10, rel=0.3)
    assert busy.chance > 0.8
    assert busy.runs_out[2] is not None
    assert 11 <= busy.runs_out[2].hour <= 15


def test_hours_of_a_day_are_those_of_the_zone() -> None:
    history, noon = working_days(21 * 24), MONDAY + timedelta(days=21)
    in_utc = forecast(history, at=noon, end=noon + HOUR * 8, spent_usd=0.0, amount_usd=5.0)
    in_tokyo = forecast(history, at=noon, end=noon + HOUR * 8, spent_usd=0.0, amount_usd=5.0, zone="Asia/Tokyo")
    assert in_utc == in_tokyo, "the same hours of the clock, by whichever name"


def test_the_same_question_gets_the_same_answer_and_quantiles_are_in_order() -> None:
    history = demo_month(END, requests=2000)
    at = history.end - timedelta(hours=30)
    made = [forecast(history, at=at, end=at + HOUR * 24, spent_usd=1.0, amount_usd=1.5) for _ in range(2)]
    assert made[0] == made[1]
    assert made[0] is not None
    assert all(list(values) == sorted(values) for _, values in made[0].fan)
    assert [list(column) == sorted(column) for column in zip(*(values for _, values in made[0].fan), strict=True)]


def test_too_little_history_foretells_nothing() -> None:
    for history in (working_days(40), Hours(MONDAY, (0.0,) * 500)):
        assert forecast(history, at=history.end, end=history.end + HOUR, spent_usd=0.0, amount_usd=1.0) is None


def test_what_is_spent_already_is_certain() -> None:
    history = working_days(300)
    made = forecast(history, at=history.end, end=history.end + HOUR * 5, spent_usd=7.0, amount_usd=5.0)
    assert made is not None
    assert made.chance == 1.0
    assert made.at_end[0] >= 7.0
    assert made.all_spent
    assert made.runs_out == (None,) * 5, "no moment ahead is when it runs out"
