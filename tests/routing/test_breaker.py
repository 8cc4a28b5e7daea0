"""A breaker opens after failures its deployment answers for, lets one call try again, and closes with an answer."""

from __future__ import annotations

import pytest

from routing.breaker import FIRST_WAIT_S, LONGEST_WAIT_S, PROBES_IN_TIME, STUCK_S, Breaker
from routing.policy import CLOSED, HALF_OPEN, OPEN


def opened(now: float = 0.0) -> Breaker:
    breaker = Breaker()
    for _ in range(3):
        breaker.failed("server", now)
    return breaker


def test_it_opens_after_three_failures_in_a_row() -> None:
    breaker = Breaker()
    breaker.failed("server", 0)
    breaker.failed("timeout", 0)
    assert breaker.state(0) == CLOSED
    breaker.succeeded(0)
    breaker.failed("server", 0)
    breaker.failed("server", 0)
    assert breaker.state(0) == CLOSED
    breaker.failed("server", 0)
    assert breaker.state(0) == OPEN


@pytest.mark.parametrize("kind", ["bad_request", "context_window", "content_policy", "rejected", "cancelled"])
def test_what_the_deployment_cannot_help_does_not_open_it(kind: str) -> None:
    breaker = Breaker()
    for _ in range(10):
        breaker.failed(kind, 0)
    assert breaker.state(0) == CLOSED


@pytest.mark.parametrize("kind", ["auth", "permission", "not_found"])
def test_what_will_not_go_away_opens_it_at_once(kind: str) -> None:
    breaker = Breaker()
    breaker.failed(kind, 0)
    assert breaker.state(0) == OPEN


def test_one_call_tries_and_an_answer_closes_it() -> None:
    breaker = opened()
    assert breaker.state(FIRST_WAIT_S) == HALF_OPEN
    breaker.tries(FIRST_WAIT_S)
    assert breaker.state(FIRST_WAIT_S) == OPEN, "one at a time"
    assert breaker.succeeded(FIRST_WAIT_S)
    assert breaker.state(FIRST_WAIT_S) == CLOSED


def test_each_failed_try_doubles_the_wait_up_to_a_limit() -> None:
    breaker, now, waits = opened(), 0.0, []
    for _ in range(8):
        waits.append(breaker.until - now)
        now = breaker.until
        breaker.tries(now)
        breaker.failed("server", now)
    assert waits[:3] == [FIRST_WAIT_S, 2 * FIRST_WAIT_S, 4 * FIRST_WAIT_S]
    assert waits[-1] == LONGEST_WAIT_S


def test_a_rate_limit_is_waited_for_as_long_as_asked_and_no_probe_is_needed() -> None:
    breaker = Breaker()
    for _ in range(5):
        breaker.failed("rate_limit", 100, retry_after_s=7)
    assert (breaker.state(106.9), breaker.state(107)) == (OPEN, CLOSED)


def test_retry_after_of_other_errors_is_waited_for_too() -> None:
    breaker = Breaker()
    breaker.failed("server", 0, retry_after_s=40)
    assert (breaker.state(39.9), breaker.state(40)) == (OPEN, CLOSED)


def test_answers_that_were_under_way_when_it_opened_do_not_close_it() -> None:
    breaker = opened()
    assert not breaker.succeeded(1)
    assert breaker.state(1) == OPEN
    breaker.failed("server", 2)
    assert breaker.until == FIRST_WAIT_S, "nor does a failure from before lengthen the wait"


def test_late_answers_open_it_and_three_in_time_close_it() -> None:
    breaker, now = Breaker(), 0.0
    for late in (False, True, False, True, True, True, True, True):
        breaker.succeeded(now, late=late)
    assert breaker.state(now) == CLOSED
    breaker.succeeded(now, late=True)
    assert breaker.state(now) == OPEN
    now = breaker.until
    breaker.tries(now)
    breaker.succeeded(now, late=True)
    assert breaker.until == now + 2 * FIRST_WAIT_S, "still slow"
    now = breaker.until
    for number in range(PROBES_IN_TIME):
        assert breaker.state(now) == HALF_OPEN
        breaker.tries(now)
        assert breaker.succeeded(now) == (number == PROBES_IN_TIME - 1)
    assert breaker.state(now) == CLOSED


def slow() -> Breaker:
    breaker = Breaker()
    for _ in range(7):
        breaker.succeeded(0, late=True)
    return breaker


def test_one_that_is_slow_can_be_paid_for_until_it_fails_too() -> None:
    breaker = slow()
    assert (breaker.state(1), breaker.merely_slow(1), breaker.late_share) == (OPEN, True, 1.0)
    for _ in range(3):
        breaker.succeeded(1)
    assert breaker.late_share == 7 / 10, "what is sent to it meanwhile counts"
    breaker.succeeded(1, late=True, known_late=True)
    assert breaker.late_share == 7 / 10, "but only once"
    for _ in range(2):
        breaker.failed("server", 1)
        breaker.succeeded(1)
        breaker.failed("server", 1)
    assert breaker.merely_slow(1), "no three in a row"
    for _ in range(2):
        breaker.failed("server", 1)
    assert not breaker.merely_slow(1)


def test_one_that_is_slow_and_refuses_is_left_alone_at_once() -> None:
    refused, limited = slow(), slow()
    refused.failed("auth", 1)
    limited.failed("rate_limit", 1, retry_after_s=7)
    assert not refused.merely_slow(1)
    assert (limited.merely_slow(7.9), limited.merely_slow(8)) == (False, True)


def test_a_probe_whose_end_is_never_heard_of_is_given_up() -> None:
    breaker = opened()
    breaker.tries(FIRST_WAIT_S)
    assert breaker.state(FIRST_WAIT_S + STUCK_S - 1) == OPEN
    assert breaker.state(FIRST_WAIT_S + STUCK_S) == HALF_OPEN
