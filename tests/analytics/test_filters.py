from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from analytics.filters import MOST_BUCKETS, MOST_CHOICES, Filters
from tests.attempt_rows import NOON, after_noon


@pytest.mark.parametrize(
    ("start", "end", "reason"),
    [
        (datetime(2026, 1, 1), NOON, "without a zone"),  # noqa: DTZ001 - the naive time is what is refused
        (NOON, NOON, "not a span"),
        (NOON, after_noon(hours=-1), "not a span"),
        (after_noon(days=-3000), NOON, "five years"),
    ],
)
def test_spans_that_are_none_are_refused(start: datetime, end: datetime, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Filters(start, end)


def test_more_values_than_a_query_should_hold_are_refused() -> None:
    with pytest.raises(ValueError, match="more than 100 users"):
        Filters(NOON, after_noon(hours=1), users=tuple(map(str, range(MOST_CHOICES + 1))))


@pytest.mark.parametrize(
    ("span", "bucket"),
    [
        (timedelta(minutes=15), timedelta(minutes=1)),
        (timedelta(hours=1), timedelta(minutes=1)),
        (timedelta(hours=6), timedelta(minutes=5)),
        (timedelta(hours=24), timedelta(minutes=15)),
        (timedelta(days=7), timedelta(hours=3)),
        (timedelta(days=30), timedelta(hours=12)),
        (timedelta(days=90), timedelta(days=1)),
        (timedelta(days=1800), timedelta(days=28)),
    ],
)
def test_the_bucket_fits_the_span(span: timedelta, bucket: timedelta) -> None:
    filters = Filters(NOON, NOON + span)

    assert filters.bucket == bucket
    assert span / filters.bucket <= MOST_BUCKETS


def test_the_previous_period_is_equal_and_ends_where_this_one_starts() -> None:
    filters = Filters(NOON, after_noon(hours=5))

    assert filters.previous_start == after_noon(hours=-5)


def test_buckets_are_counted_in_utc_whatever_the_zone_of_the_span() -> None:
    east = timezone(timedelta(hours=5, minutes=30))
    filters = Filters(after_noon(minutes=7).astimezone(east), after_noon(hours=24, minutes=7))

    assert filters.first_bucket == NOON
    assert filters.parameters()["width_us"] == 900_000_000
