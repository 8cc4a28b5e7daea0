"""The policy chooses the cheapest deployment that will really answer, and every choice can be recomputed to the bit."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.deciding import decide
from routing.explaining import explained, matches
from routing.policy import CLOSED, HALF_OPEN, OPEN, Asked, Candidate, Decision, Policy
from routing.scoring import able, scores_of, success_rate

prices = st.none() | st.floats(0, 1e-4)
amounts = st.none() | st.floats(0, 10)
candidates = st.lists(
    st.builds(
        Candidate,
        deployment_id=st.sampled_from("abcdef"),
        successes=st.floats(0, 1e6),
        failures=st.floats(0, 1e6),
        prior_success=st.none() | st.floats(0.01, 1),
        list_input_usd=prices,
        list_cached_usd=prices,
        list_output_usd=prices,
        discount=st.floats(0, 2),
        cache_share=st.floats(0, 1),
        warm_tokens=st.sampled_from([0.0, 0.0, 500.0]),
        cost_usd=amounts,
        failure_cost_usd=st.floats(0, 10),
        latency_s=st.none() | st.floats(0, 600),
        latency_p95_s=st.none() | st.floats(0, 600),
        ttft_p95_s=st.none() | st.floats(0, 600),
        failure_s=st.none() | st.floats(0, 600),
        context_tokens=st.none() | st.integers(0, 10_000),
        tools=st.none() | st.booleans(),
        vision=st.none() | st.booleans(),
        streaming=st.none() | st.booleans(),
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
asked = st.builds(
    Asked,
    input_tokens=st.floats(0, 1e5),
    output_tokens=st.floats(0, 1e4),
    tools=st.booleans(),
    vision=st.booleans(),
    stream=st.booleans(),
)
draws = st.floats(0, 1, exclude_max=True)
ASKED = Asked()
STEADY = Policy(exploration=0.0, temperature=0.001)


def one(name: str, **fields: Any) -> Candidate:
    known: dict[str, Any] = {"successes": 1000.0, "cost_usd": 0.01, "latency_s": 1.0}
    return Candidate(deployment_id=name, **{**known, **fields})


def chosen(*given: Candidate, policy: Policy = STEADY) -> str:
    return decide(ASKED, list(given), policy, 0.5).deployment_id


@given(asked, candidates, policies, draws)
def test_probabilities_add_up_and_nothing_open_is_chosen_while_another_works(
    asked_: Asked, given_: list[Candidate], policy: Policy, draw: float
) -> None:
    decision = decide(asked_, given_, policy, draw)
    assert sum(decision.probabilities) == pytest.approx(1)
    assert decision.probabilities[decision.chosen] > 0
    if any(candidate.breaker == CLOSED and able(asked_, candidate) for candidate in given_):
        assert given_[decision.chosen].breaker != OPEN
        assert able(asked_, given_[decision.chosen])


@given(asked, candidates, policies, draws)
def test_a_recorded_decision_is_recomputed_to_the_bit(
    asked_: Asked, given_: list[Candidate], policy: Policy, draw: float
) -> None:
    recorded = msgspec.json.encode(decide(asked_, given_, policy, draw)).decode()
    assert matches(recorded)


@given(asked, candidates, policies, draws)
def test_a_limit_that_nobody_exceeds_changes_nothing_to_the_bit(
    asked_: Asked, given_: list[Candidate], policy: Policy, draw: float
) -> None:
    streamed = msgspec.structs.replace(asked_, stream=True)
    fine: dict[str, Any] = {
        "failures": 0.0,
        "breaker": CLOSED,
        "context_tokens": None,
        "latency_s": 2.0,
        "cost_usd": 0.1,
    }
    able_: dict[str, Any] = {"tools": None, "vision": True, "streaming": None}
    known = [msgspec.structs.replace(one, successes=one.successes + 50, **fine, **able_) for one in given_]
    without = decide(streamed, known, policy, draw)
    within = decide(streamed, known, msgspec.structs.replace(policy, most_ttft_p95_s=1e9), draw)
    assert msgspec.structs.replace(within, policy=policy) == without


def test_an_altered_input_alters_the_score_because_it_is_not_read_back() -> None:
    decision = decide(ASKED, [one("a"), one("b", cost_usd=0.02)], STEADY, 0.5)
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
    limit = Policy(least_success=0.9, exploration=0.0, temperature=0.001)
    often = one("often", cost_usd=0.001, successes=50.0, failures=50.0)
    assert chosen(often, one("seldom"), policy=limit) == "seldom"
    alone = decide(ASKED, [often], limit, 0.5)
    assert (alone.deployment_id, alone.reason) == ("often", "no deployment is within the limits")
    unlucky = one("unlucky", cost_usd=0.001, successes=2.0, failures=2.0)
    assert chosen(unlucky, one("seldom"), policy=limit) == "unlucky", "two failures say little"


def test_being_late_is_weighed_at_its_price_of_the_moment() -> None:
    late, soon = one("late", cost_usd=0.008, late_share=0.2), one("soon", late_share=0.02)
    assert chosen(late, soon) == "late"
    assert decide(Asked(late_usd=0.02), [late, soon], STEADY, 0.5).deployment_id == "soon"


def test_the_hardly_known_is_looked_at_sooner_while_it_may_be_the_best() -> None:
    policy = Policy(exploration=0.0, curiosity=0.05, temperature=0.001, usd_per_s=0.0)
    given_ = [
        one("best"),
        one("new", cost_usd=0.012, successes=3.0),
        one("known", cost_usd=0.012),
        one("hopeless", cost_usd=0.02, successes=0.0),
    ]
    assert decide(ASKED, given_, policy, 0.5).probabilities == pytest.approx([0.95, 0.05, 0.0, 0.0])


def test_with_nothing_known_the_list_price_decides() -> None:
    new = {"successes": 0.0, "latency_s": None}
    assert chosen(one("dear", cost_usd=0.02, **new), one("cheap", **new)) == "cheap"


def test_exploration_reaches_everybody_and_the_cheap_more() -> None:
    policy = Policy(exploration=0.1, curiosity=0.0, temperature=0.001, usd_per_s=0.0)
    given_ = [one("best"), one("twice", cost_usd=0.02), one("open", breaker=OPEN)]
    decision = decide(ASKED, given_, policy, 0.999)
    assert decision.probabilities == pytest.approx([1 - 0.1 / 17, 0.1 / 17, 0.0], rel=1e-2)
    assert decision.deployment_id == "twice"
    assert decision.reason.startswith("exploring")


def test_what_is_free_does_not_share_with_what_is_not() -> None:
    decision = decide(ASKED, [one("free", cost_usd=0.0), one("paid")], Policy(usd_per_s=0.0, exploration=0.0), 0.5)
    assert decision.probabilities == [1.0, 0.0]


def test_when_all_have_been_failing_somebody_is_still_asked() -> None:
    decision = decide(ASKED, [one("a", breaker=OPEN), one("b", breaker=OPEN, cost_usd=0.02)], STEADY, 0.1)
    assert (decision.deployment_id, decision.reason) == ("a", "every deployment has been failing")


PRICED = {"list_input_usd": 1e-6, "list_cached_usd": 1e-7, "list_output_usd": 4e-6, "cost_usd": None}


def cost(asked_: Asked, *given_: Candidate) -> list[float]:
    return scores_of(asked_, given_, Policy(usd_per_s=0.0))


def test_the_cost_is_tokens_times_prices_with_cache_share_and_discount() -> None:
    asked_ = Asked(input_tokens=1000, output_tokens=100)
    plain = one("plain", **PRICED)
    assert cost(asked_, plain) == pytest.approx([1000 * 1e-6 + 100 * 4e-6])
    assert cost(asked_, one("half", **PRICED, cache_share=0.5)) == pytest.approx([500 * 1.1e-6 + 400e-6])
    assert cost(asked_, one("rebate", **PRICED, discount=0.8)) == pytest.approx([0.8 * 1400e-6])


def test_leaving_a_warm_cache_is_charged_at_what_it_costs() -> None:
    asked_ = Asked(input_tokens=1000, output_tokens=0)
    warm = one("warm", **PRICED, warm_tokens=900.0)
    slightly = {**PRICED, "list_input_usd": 0.9e-6}
    assert cost(asked_, warm, one("cheaper", **slightly, cache_share=0.9)) == pytest.approx([190e-6, 900e-6])
    assert chosen(warm, one("cheaper", **slightly)) == "warm"
    far = {**PRICED, "list_input_usd": 0.1e-6, "list_output_usd": 0.1e-6}
    assert chosen(warm, one("far cheaper", **far)) == "far cheaper"


@pytest.mark.parametrize(
    ("asked_", "fields"),
    [
        (Asked(input_tokens=9000), {"context_tokens": 8000}),
        (Asked(tools=True), {"tools": False}),
        (Asked(vision=True), {"vision": False}),
        (Asked(stream=True), {"streaming": False}),
    ],
)
def test_who_cannot_do_it_is_not_asked(asked_: Asked, fields: dict[str, Any]) -> None:
    unable, other = one("unable", cost_usd=0.001, **fields), one("able")
    assert decide(asked_, [unable, other], Policy(exploration=0.5), 0.99).probabilities == [0.0, 1.0]
    assert "able to do" in decide(asked_, [unable], STEADY, 0.5).reason
    assert decide(Asked(), [unable, other], STEADY, 0.5).deployment_id == "unable", "who may do less is cheaper here"


def test_streams_are_held_to_their_first_token() -> None:
    limit = Policy(most_ttft_p95_s=1.0, exploration=0.0, temperature=0.001)
    late, soon = one("late", cost_usd=0.001, ttft_p95_s=3.0), one("soon", ttft_p95_s=0.5)
    assert decide(Asked(stream=True), [late, soon], limit, 0.5).deployment_id == "soon"
    assert decide(Asked(stream=False), [late, soon], limit, 0.5).deployment_id == "late"


def test_a_short_record_is_judged_by_its_model_or_provider() -> None:
    unknown = one("new", successes=0.0)
    assert success_rate(unknown, STEADY) == STEADY.prior_success
    kin = one("new", successes=0.0, prior_success=0.5)
    assert success_rate(kin, STEADY) == 0.5
    assert success_rate(one("old", prior_success=0.5), STEADY) > 0.99
