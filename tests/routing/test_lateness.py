"""The price of being late rises as soon as a request's time is up, once, and not for what was cancelled."""

from __future__ import annotations

import pytest

from routing.lateness import AIMED_AT, GIVEN_UP, STEP, Lateness

RISE = STEP * (1 - AIMED_AT)


def overdue() -> Lateness:
    lateness = Lateness()
    lateness.sent("late", 0.0)
    lateness.look(2.1, 2.0)
    return lateness


def test_it_rises_before_the_answer_comes_and_only_once() -> None:
    lateness = overdue()
    assert lateness.price == pytest.approx(RISE)
    lateness.look(3.0, 2.0)
    lateness.sent("late", 3.0)
    lateness.look(9.0, 2.0)
    lateness.answered("late", 9.0, 9.0, 2.0)
    assert lateness.price == pytest.approx(RISE)


def test_one_that_may_still_be_in_time_does_not_count() -> None:
    lateness = Lateness()
    lateness.sent("soon", 0.0)
    lateness.look(2.0, 2.0)
    assert lateness.price == 0.0


def test_a_request_that_was_cancelled_costs_nothing_in_the_end() -> None:
    lateness = overdue()
    lateness.look(GIVEN_UP * 2.0, 2.0)
    assert lateness.price == pytest.approx(RISE)
    lateness.look(GIVEN_UP * 2.0 + 0.1, 2.0)
    assert lateness.price == 0.0


def test_requests_in_time_make_it_fall() -> None:
    lateness = overdue()
    for _ in range(5):
        lateness.answered(None, 1.0, 3.0, 2.0)
    assert lateness.price == pytest.approx(RISE - 5 * STEP * AIMED_AT)
