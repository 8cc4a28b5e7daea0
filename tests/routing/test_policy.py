"""The policy chooses the cheapest deployment that will really answer, and every choice can be recomputed to the bit."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.explaining import explained, matches
from routing.policy import CLOSED, HALF_OPEN, OPEN, Candidate, Decision, Policy, decide

amounts = st.none() | st.floats(0, 10)
candidates = st.lists(
    st.builds(
        Candidate,
        deployment_id=st.sampled_from("abcdef"),
        successes=st.floats(0, 1e6),
        failures=st.floats(0, 1e6),
        cost_usd=amounts,
        failure_cost_usd=st.floats(0, 10),
        latency_s=st.none() | st.floats(0, 600),
        latency_p95_s=st.none() | st.floats(0, 600),
        failure_s=st.none() | st.floats(0, 600),
        breaker=st.sampled_from([CLOSED, CLOSED, HALF_OPEN, OPEN]),
    ),
    min_size=1,
    max_size=8,
)
policies = st.builds(
    Policy,
    usd_per_s=st.floats(0, 1),
    exploration=st.floats(0, 0.5),
    temperature=st.floats(0.001, 1),
    most_p95_s=st.none() | st.floats(0.1, 60),
)
draws = st.floats(0, 1, exclude_max=True)
STEADY = Policy(exploration=0.0, temperature=0.001)


def one(name: str, **fields: Any) -> Candidate:
    known: dict[str, Any] = {"successes": 1000.0, "cost_usd": 0.01, "latency_s": 1.0}
    return Candidate(deployment_id=name, **{**known, **fields})


def chosen(*given: Candidate, policy: Policy = STEADY) -> str:
    return decide(list(given), policy, 0.5).deployment_id


@given(candidates, policies, draws)
def test_probabilities_add_up_and_nothing_open_is_chosen_while_another_works(
    given_: list[Candidate], policy: Policy, draw: float
) -> None:
    decision = decide(given_, policy, draw)
    assert sum(decision.probabilities) == pytest.approx(1)
    assert decision.probabilities[decision.chosen] > 0
    if any(candidate.breaker == CLOSED for candidate in given_):
        assert given_[decision.chosen].breaker != OPEN


@given(candidates, policies, draws)
def test_a_recorded_decision_is_recomputed_to_the_bit(given_: list[Candidate], policy: Policy, draw: float) -> None:
    recorded = msgspec.json.encode(decide(given_, policy, draw)).decode()
    assert matches(recorded)


def test_an_altered_input_alters_the_score_because_it_is_not_read_back() -> None:
    decision = decide([one("a"), one("b", cost_usd=0.02)], STEADY, 0.5)
    altered = msgspec.structs.replace(decision, candidates=[one("a", cost_usd=0.03), one("b", cost_usd=0.02)])
    recorded = msgspec.json.encode(altered).decode()
    assert not matches(recorded)
    assert explained(recorded).deployment_id == "b"
    assert isinstance(explained(recorded), Decision)


def test_the_cheaper_of_two_that_answer_is_taken() -> None:
    assert chosen(one("dear", cost_usd=0.02), one("cheap")) == "cheap"


def test_a_cheap_one_that_keeps_failing_costs_more_than_a_dear_one_that_answers() -> None:
    failing = one("cheap", cost_usd=0.001, successes=100, failures=900, failure_s=30.0, failure_cost_usd=0.005)
    assert chosen(failing, one("dear", cost_usd=0.02)) == "dear"


def test_waiting_costs_too() -> None:
    slow = one("slow", cost_usd=0.009, latency_s=60.0)
    assert chosen(slow, one("quick")) == "quick"
    assert chosen(slow, one("quick"), policy=Policy(usd_per_s=0.0, exploration=0.0, temperature=0.001)) == "slow"


def test_an_unknown_cost_is_never_taken_for_free() -> None:
    assert chosen(one("unknown", cost_usd=None), one("known"), one("dear", cost_usd=0.05)) == "known"


def test_limits_are_kept_while_somebody_keeps_them() -> None:
    limit = Policy(most_p95_s=5.0, exploration=0.0, temperature=0.001)
    late, soon = one("late", cost_usd=0.001, latency_p95_s=9.0), one("soon", latency_p95_s=4.0)
    assert chosen(late, soon, policy=limit) == "soon"
    alone = decide([late], limit, 0.5)
    assert (alone.deployment_id, alone.reason) == ("late", "no deployment is within the limits")


def test_with_nothing_known_the_list_price_decides() -> None:
    new = {"successes": 0.0, "latency_s": None}
    assert chosen(one("dear", cost_usd=0.02, **new), one("cheap", **new)) == "cheap"


def test_exploration_reaches_everybody_with_no_more_than_its_share() -> None:
    policy = Policy(exploration=0.1, temperature=0.001)
    decision = decide([one("best"), one("bad", cost_usd=5.0), one("open", breaker=OPEN)], policy, 0.99)
    assert decision.probabilities == pytest.approx([0.95, 0.05, 0.0])
    assert decision.deployment_id == "bad"
    assert decision.reason.startswith("exploring")


def test_when_all_have_been_failing_somebody_is_still_asked() -> None:
    decision = decide([one("a", breaker=OPEN), one("b", breaker=OPEN, cost_usd=0.02)], STEADY, 0.1)
    assert (decision.deployment_id, decision.reason) == ("a", "every deployment has been failing")
