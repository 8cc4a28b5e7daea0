"""A breaker opens after failures its deployment answers for, lets one call try again, and closes with an answer."""

from __future__ import annotations

import pytest

from routing.breaker import FIRST_WAIT_S, LONGEST_WAIT_S, Breaker
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
    breaker.succeeded()
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
    breaker.succeeded()
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


def test_retry_after_is_waited_for() -> None:
    breaker = Breaker()
    breaker.failed("rate_limit", 100, retry_after_s=7)
    assert (breaker.state(106.9), breaker.state(107)) == (OPEN, HALF_OPEN)
