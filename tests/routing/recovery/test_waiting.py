"""Which failures are worth another attempt, and how long is waited."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.recovery.messages import PLAIN, plain
from routing.recovery.waiting import FIRST_WAIT_S, LONGEST_ASKED_S, LONGEST_WAIT_S, wait_s, worth_another
from scalix.events import ErrorKind


@pytest.mark.parametrize("kind", ["rate_limit", "timeout", "server", "network"])
def test_what_may_pass_is_tried_again_also_at_the_only_deployment(kind: str) -> None:
    assert worth_another(kind, others=False)
    assert worth_another(kind, others=True)


@pytest.mark.parametrize("kind", ["auth", "permission", "not_found", "unknown"])
def test_what_will_not_pass_moves_on_and_is_not_repeated(kind: str) -> None:
    assert worth_another(kind, others=True)
    assert not worth_another(kind, others=False)


@pytest.mark.parametrize("kind", ["bad_request", "context_window", "content_policy", "rejected", "cancelled"])
def test_a_bad_request_is_never_tried_again(kind: str) -> None:
    assert not worth_another(kind, others=True)


def test_a_provider_that_asks_for_long_is_not_waited_for_unless_another_can_answer() -> None:
    assert worth_another("rate_limit", others=False, asked_s=LONGEST_ASKED_S)
    assert not worth_another("rate_limit", others=False, asked_s=LONGEST_ASKED_S + 1)
    assert worth_another("rate_limit", others=True, asked_s=3600)


@given(st.integers(0, 10), st.floats(0, 1), st.none() | st.floats(0, 1e6))
def test_the_wait_doubles_with_jitter_and_is_bounded(retry: int, draw: float, asked_s: float | None) -> None:
    full = min(FIRST_WAIT_S * 2**retry, LONGEST_WAIT_S)
    waited = wait_s(retry, draw, others=False, asked_s=asked_s)
    assert max(full / 2, min(asked_s or 0, LONGEST_ASKED_S)) <= waited <= max(full, LONGEST_ASKED_S)
    assert wait_s(retry, draw, others=False) <= full
    assert wait_s(retry, draw, others=True, asked_s=asked_s) == 0


def test_every_kind_of_error_has_a_sentence_for_people() -> None:
    assert set(PLAIN) == set(get_args(ErrorKind))
    assert plain("rate_limit", "openai", 7.0) == (
        "OpenAI takes no more requests for now; try again in 7 s, or raise the limit there"
    )
    assert plain("server", "", None).startswith("the provider has a problem")
