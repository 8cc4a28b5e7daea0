"""Statistics come from snapshot and process; a stale snapshot is not believed; the mode holds within seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from routing.asking import Request
from routing.breaker import LONGEST_WAIT_S, TOO_MANY_LATE
from routing.choosing import Chooser
from routing.evidence import Answer
from routing.explaining import decoded, matches
from routing.facts import NOTHING, Facts
from routing.observed import LOOK_EVERY_S, STALE_US, Observed
from routing.policy import CLOSED, OPEN, Candidate, Policy
from routing.remembered import TRIED_S, WARM_S
from scalix import snapshot
from scalix.errors import BudgetExceededError
from scalix.snapshot import BudgetLimit, DeploymentStats, Mode, Snapshot
from scalix.times import now_us

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from scalix.events import DecisionEvent


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def observed(tmp_path: Path, clock: Clock) -> Observed:
    return Observed(tmp_path / "snapshot", clock)


def publish(observed: Observed, *stats: DeploymentStats, made_us: int | None = None, name: str = "one") -> None:
    by_id = {one.deployment_id: one for one in stats}
    made = Snapshot(version=snapshot.VERSION, id=name, made_us=made_us or now_us(), deployments=by_id)
    snapshot.write(observed.folder, made)


def deployments(*names: str) -> list[dict[str, Any]]:
    return [{"model_info": {"id": name}} for name in names]


def candidate(observed: Observed, name: str, facts: Facts = NOTHING) -> Candidate:
    (found,) = observed.candidates(deployments(name), lambda _: facts)
    return found


def chooser(observed: Observed, events: list[DecisionEvent], draw: float = 0.5) -> Chooser:
    policy = Policy(exploration=0.0, curiosity=0.0, temperature=0.001)
    return Chooser(observed, events.append, policy, draw=lambda: draw)


def test_the_snapshot_is_joined_with_what_this_process_has_seen(observed: Observed) -> None:
    publish(observed, DeploymentStats(deployment_id="a", successes=10.0, failures=1.0, cost_usd=0.5))
    observed.look()
    observed.succeeded("a", None, Answer())
    observed.failed("a", "server", None)
    known = candidate(observed, "a")
    assert (known.successes, known.failures, known.cost_usd) == (11.0, 2.0, 0.5)
    listed = candidate(observed, "b", Facts(list_input_usd=9.0))
    assert (listed.successes, listed.cost_usd, listed.list_input_usd) == (0.0, None, 9.0)


def test_own_counts_begin_anew_with_a_newer_snapshot(observed: Observed, clock: Clock) -> None:
    observed.failed("a", "server", None)
    publish(observed, DeploymentStats(deployment_id="a", failures=1.0))
    observed.look()
    assert candidate(observed, "a").failures == 1.0
    observed.failed("a", "server", None)
    clock.now += LOOK_EVERY_S
    publish(observed, DeploymentStats(deployment_id="a", failures=2.0), name="two")
    observed.look()
    assert candidate(observed, "a").failures == 2.0


def test_a_stale_or_broken_snapshot_is_not_believed(observed: Observed, clock: Clock) -> None:
    publish(observed, DeploymentStats(deployment_id="a", successes=10.0), made_us=now_us() - STALE_US - 1)
    observed.look()
    assert observed.snapshot_id is None
    assert candidate(observed, "a").successes == 0
    (observed.folder / snapshot.FILE_NAME).write_bytes(b"{torn")
    clock.now += LOOK_EVERY_S
    observed.look()
    assert observed.snapshot_id is None


def test_what_failed_in_this_request_is_not_tried_again_soon(observed: Observed, clock: Clock) -> None:
    events: list[DecisionEvent] = []
    choose = chooser(observed, events)
    choose.remembered.failed("trace", "a")
    assert choose.choose("chat", deployments("a", "b"), Request(trace="trace")) == (deployments("b")[0], True)
    assert len(choose.choose("chat", deployments("a"), Request(trace="trace")) or ()) == 0
    choose.remembered.failed("trace", "b")
    assert choose.choose("chat", deployments("a", "b"), Request(trace="trace")) is not None, "nothing else is left"
    clock.now += TRIED_S
    assert choose.remembered.tried("trace") == frozenset()


@pytest.mark.parametrize(
    ("mode", "acts"),
    [(Mode(mode="on"), True), (Mode(mode="shadow"), False), (Mode(mode="canary", canary_percent=100), True)],
)
def test_the_mode_says_whether_a_choice_is_acted_on(observed: Observed, mode: Mode, acts: bool) -> None:
    snapshot.write_mode(observed.folder, mode)
    events: list[DecisionEvent] = []
    choice = chooser(observed, events).choose("chat", deployments("a", "b"), Request(trace="trace"))
    assert choice is not None
    assert (choice[1], events[0].acted, events[0].mode) == (acts, acts, mode.mode)


def test_off_decides_nothing_and_a_change_takes_effect_without_a_restart(observed: Observed, clock: Clock) -> None:
    events: list[DecisionEvent] = []
    choose = chooser(observed, events)
    snapshot.write_mode(observed.folder, Mode(mode="off"))
    assert choose.choose("chat", deployments("a", "b"), Request()) is None
    snapshot.write_mode(observed.folder, Mode(mode="on"))
    clock.now += LOOK_EVERY_S
    assert choose.choose("chat", deployments("a", "b"), Request()) is not None
    assert len(events) == 1


def test_a_canary_takes_a_stable_share(observed: Observed) -> None:
    snapshot.write_mode(observed.folder, Mode(mode="canary", canary_percent=20))
    events: list[DecisionEvent] = []
    choose = chooser(observed, events)
    for number in [*range(500), *range(500)]:
        choose.choose("chat", deployments("a", "b"), Request(trace=f"trace-{number}"))
    acted = [event.acted for event in events]
    assert acted[:500] == acted[500:]
    assert 60 < sum(acted[:500]) < 140


def limited(observed: Observed, *limits: BudgetLimit) -> None:
    made = Snapshot(version=snapshot.VERSION, id="limited", made_us=now_us(), budgets=list(limits))
    snapshot.write(observed.folder, made)


def named(name: str, model: str) -> dict[str, Any]:
    return {"model_info": {"id": name}, "litellm_params": {"model": model}}


def test_a_spent_budget_blocks_what_it_is_for(observed: Observed) -> None:
    limited(observed, BudgetLimit(name="openai", action="block", scope={"provider": "openai"}))
    choose = chooser(observed, [])
    both = [named("a", "openai/gpt-4o"), named("b", "anthropic/claude")]
    assert choose.choose("chat", both, Request()) == (both[1], True)
    with pytest.raises(BudgetExceededError, match="budget openai is spent"):
        choose.choose("chat", both[:1], Request())


def test_in_shadow_and_for_people_nothing_is_blocked_here(observed: Observed, clock: Clock) -> None:
    limited(observed, BudgetLimit(name="search", action="block", scope={"team": "search"}))
    choose = chooser(observed, [])
    assert choose.choose("chat", [named("a", "openai/gpt-4o")], Request()) is None
    limited(observed, BudgetLimit(name="all", action="block", scope={}))
    snapshot.write_mode(observed.folder, Mode(mode="shadow"))
    clock.now += LOOK_EVERY_S
    assert choose.choose("chat", [named("a", "openai/gpt-4o")], Request()) is None


def test_a_budget_that_runs_low_makes_time_worth_nothing(observed: Observed, clock: Clock) -> None:
    slow, quick = (
        DeploymentStats(deployment_id="slow", cost_usd=0.01, latency_s=60.0),
        DeploymentStats(deployment_id="quick", cost_usd=0.011, latency_s=1.0),
    )
    by_id = {"slow": slow, "quick": quick}
    both, choose = deployments("slow", "quick"), chooser(observed, [])
    snapshot.write(observed.folder, Snapshot(version=1, id="1", made_us=now_us(), deployments=by_id))
    assert choose.choose("chat", both, Request()) == (both[1], True)
    low = [BudgetLimit(name="all", action="degrade", scope={})]
    snapshot.write(observed.folder, Snapshot(version=1, id="2", made_us=now_us(), deployments=by_id, budgets=low))
    clock.now += LOOK_EVERY_S
    assert choose.choose("chat", both, Request()) == (both[0], True)


def test_a_slow_deployment_is_left_before_its_answers_come_and_comes_back(observed: Observed, clock: Clock) -> None:
    events: list[DecisionEvent] = []
    policy = Policy(exploration=0.0, curiosity=0.0, temperature=0.001, usd_per_s=0.0, most_p95_s=5.0)
    choose = Chooser(observed, events.append, policy, draw=lambda: 0.5)
    costs = {"cheap": 0.01, "dear": 0.012}
    publish(observed, *(DeploymentStats(deployment_id=name, successes=50.0, cost_usd=costs[name]) for name in costs))
    slow_until, under_way, sent_slow = clock.now + 120, list[tuple[float, str, str]](), 0
    for number in range(300):
        for end, name, trace in [call for call in under_way if call[0] <= clock.now]:
            observed.succeeded(name, trace, Answer())
            under_way.remove((end, name, trace))
        picked = choose.choose("chat", deployments("cheap", "dear"), Request(trace=f"trace-{number}"))
        assert picked is not None
        name = picked[0]["model_info"]["id"]
        slow = name == "cheap" and clock.now < slow_until
        sent_slow += slow
        under_way.append((clock.now + (60.0 if slow else 0.5), name, f"trace-{number}"))
        clock.now += 1
    assert sent_slow <= 5 + TOO_MANY_LATE + 5, "those sent before seven were overdue, then probes"
    back = [number for number, event in enumerate(events) if number > 120 and event.deployment_id == "cheap"]
    assert back[0] <= 120 + 60 + LONGEST_WAIT_S + 1
    assert {event.deployment_id for event in events[-50:]} == {"cheap"}


def test_only_what_saves_more_than_being_late_costs_goes_to_a_slow_deployment(observed: Observed, clock: Clock) -> None:
    prices = {"cheap": 1e-6, "dear": 1.2e-6}
    policy = Policy(exploration=0.0, curiosity=0.0, temperature=0.001, usd_per_s=0.0, most_p95_s=5.0)

    def facts(one: Any) -> Facts:
        return Facts(list_input_usd=prices[one["model_info"]["id"]], list_output_usd=0.0)

    choose = Chooser(observed, lambda _: None, policy, draw=lambda: 0.5, facts=facts)
    both = deployments("cheap", "dear")
    for name in prices:
        for _ in range(20):
            observed.succeeded(name, None, Answer(latency_s=1.0, input_tokens=1000.0, output_tokens=1.0))
    for _ in range(TOO_MANY_LATE + 5):
        observed.succeeded("cheap", None, Answer(latency_s=60.0))
    observed.lateness.price = 0.5
    observed.sent("cheap", "probe")  # it is not half open while a probe is under way
    clock.now += LOOK_EVERY_S
    chosen = {tokens: choose.choose("chat", both, Request(input_tokens=tokens)) for tokens in (100.0, 1000.0, 9000.0)}
    assert chosen == {100.0: (both[1], True), 1000.0: (both[1], True), 9000.0: (both[0], True)}


def test_a_conversation_stays_where_its_prompt_is_cached(observed: Observed, clock: Clock) -> None:
    facts = {
        "a": Facts(list_input_usd=1e-6, list_cached_usd=1e-7, list_output_usd=0.0),
        "b": Facts(list_input_usd=1.2e-6, list_cached_usd=1.2e-7, list_output_usd=0.0),
    }
    choose = Chooser(
        observed,
        lambda _: None,
        Policy(exploration=0.0, curiosity=0.0, temperature=0.001, usd_per_s=0.0),
        draw=lambda: 0.5,
        facts=lambda one: facts[one["model_info"]["id"]],
    )
    talk = Request(trace="t", conversation="talk", input_tokens=1000.0)
    choose.remembered.asked("talk", "b", 900.0)
    assert choose.choose("chat", deployments("a", "b"), talk) == (deployments("b")[0], True)
    assert choose.choose("chat", deployments("a", "b"), Request()) == (deployments("a")[0], True)
    clock.now += WARM_S
    assert choose.choose("chat", deployments("a", "b"), talk) == (deployments("a")[0], True)


def test_during_an_outage_only_probes_reach_a_deployment_and_then_it_comes_back(
    observed: Observed, clock: Clock
) -> None:
    events: list[DecisionEvent] = []
    choose = chooser(observed, events)
    publish(observed, *(DeploymentStats(deployment_id=name, successes=50.0, cost_usd=cost) for name, cost in COSTS))
    down_until, reached = clock.now + 120, []
    for _ in range(400):
        picked = choose.choose("chat", deployments("cheap", "dear"), Request())
        assert picked is not None
        name = picked[0]["model_info"]["id"]
        if name == "cheap" and clock.now < down_until:
            reached.append(clock.now)
            observed.failed("cheap", "server", None)
        else:
            observed.succeeded(name, None, Answer())
        clock.now += 1
    assert len(reached) <= 3 + 3 + 120 / LONGEST_WAIT_S, "three to open it, then one at each longer wait"
    back = [number for number, event in enumerate(events) if number > 120 and event.deployment_id == "cheap"]
    assert back[0] <= 120 + LONGEST_WAIT_S, "no later than the longest wait"
    assert {event.deployment_id for event in events[-50:]} == {"cheap"}


COSTS = (("cheap", 0.01), ("dear", 0.02))


def test_a_rate_limit_that_has_passed_leaves_nothing_to_look_after(observed: Observed, clock: Clock) -> None:
    observed.failed("a", "rate_limit", None, retry_after_s=5.0)
    assert candidate(observed, "a").breaker == OPEN
    clock.now += 5.0
    assert candidate(observed, "a").breaker == CLOSED
    observed.failed("a", "auth", None)
    assert candidate(observed, "a").breaker == OPEN


def test_a_policy_weighs_anew_what_another_has_weighed(observed: Observed) -> None:
    events: list[DecisionEvent] = []
    choose = chooser(observed, events)
    for usd_per_s in (0.1, 0.2):
        choose.follow(Policy(usd_per_s=usd_per_s))
        observed.succeeded("a", None, Answer(latency_s=2.0))
        choose.choose("chat", deployments("a", "b"), Request())
    assert all(matches(event.decision) for event in events)
    assert len({tuple(decoded(event.decision).scores) for event in events}) == 2
