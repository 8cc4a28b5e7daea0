"""Windows tile time in every zone, through changes of daylight-saving time, leap days and half-hour offsets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.budgets.windows import CALENDAR, Window
from scalix.errors import SettingsError

ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "America/Havana",
    "America/Sao_Paulo",
    "Asia/Kathmandu",
    "Pacific/Apia",
)
moments = st.datetimes(datetime(2010, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  zone follows


@given(st.sampled_from(CALENDAR), st.sampled_from(ZONES), moments)
def test_every_moment_lies_in_one_window_and_windows_follow_each_other(kind: str, zone: str, at: datetime) -> None:
    window = Window(kind, zone)
    start, end = window.span(at)
    assert start <= at < end
    assert window.span(start) == (start, end)
    assert window.span(end - timedelta(microseconds=1)) == (start, end)
    assert window.span(end)[0] == end


@given(st.sampled_from(CALENDAR[1:]), st.sampled_from(ZONES[:6]), moments)
def test_a_window_of_days_begins_at_local_midnight_where_there_is_one(kind: str, zone: str, at: datetime) -> None:
    local = Window(kind, zone).span(at)[0].astimezone(ZoneInfo(zone))
    assert (local.hour, local.minute) in {(0, 0), (1, 0)}
    if kind == "week":
        assert local.weekday() == 0
    if kind == "month":
        assert local.day == 1


@pytest.mark.parametrize(
    ("kind", "zone", "at", "hours"),
    [
        ("day", "Europe/Berlin", "2026-03-29T12:00+00:00", 23),
        ("day", "Europe/Berlin", "2026-10-25T12:00+00:00", 25),
        ("month", "UTC", "2028-02-29T12:00+00:00", 29 * 24),
        ("week", "America/New_York", "2026-11-01T12:00+00:00", 7 * 24 + 1),
        ("hour", "Asia/Kolkata", "2026-11-01T12:00+00:00", 1),
    ],
)
def test_a_window_is_as_long_as_the_local_calendar_makes_it(kind: str, zone: str, at: str, hours: int) -> None:
    start, end = Window(kind, zone).span(datetime.fromisoformat(at))
    assert end - start == timedelta(hours=hours)


def test_an_hour_of_a_half_hour_zone_begins_at_its_own_full_hour() -> None:
    start, _ = Window("hour", "Asia/Kolkata").span(datetime(2026, 11, 1, 12, 0, tzinfo=UTC))
    assert start == datetime(2026, 11, 1, 11, 30, tzinfo=UTC)


def test_a_rolling_window_ends_now() -> None:
    at = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
    assert Window("36h").span(at) == (at - timedelta(hours=36), at)
    assert Window("7d").span(at) == (at - timedelta(days=7), at)


@pytest.mark.parametrize(("kind", "zone"), [("fortnight", "UTC"), ("0d", "UTC"), ("day", "Mars/Base"), ("day", "../x")])
def test_what_is_no_window_is_refused(kind: str, zone: str) -> None:
    with pytest.raises(SettingsError):
        Window(kind, zone)
