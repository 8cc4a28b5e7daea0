"""Whatever goes wrong in the hooks, LiteLLM chooses as before and the call goes on; a spent budget alone is told."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from collector.failures import kind_of
from collector.guard import Guard
from routing.choosing import Chooser
from routing.hooks import RoutingHooks, facts_of
from routing.observed import Observed
from scalix import snapshot
from scalix.errors import BudgetExceededError
from scalix.snapshot import BudgetLimit, Mode, Snapshot
from scalix.times import now_us

if TYPE_CHECKING:
    from pathlib import Path

    from scalix.events import DecisionEvent


def priced(name: str, usd: float) -> dict[str, Any]:
    params = {"model": f"openai/{name}", "input_cost_per_token": usd, "output_cost_per_token": usd}
    return {"model_info": {"id": name}, "litellm_params": params}


BOTH = [priced("dear", 9e-6), priced("cheap", 1e-6)]


class Router:
    """As much of LiteLLM's as is looked at."""

    fallbacks = None


@pytest.fixture
def chooser(tmp_path: Path) -> Chooser:
    return Chooser(Observed(tmp_path / "snapshot"), lambda _: None, draw=lambda: 0.5, facts=facts_of)


@pytest.fixture
def guard() -> Guard:
    return Guard()


@pytest.fixture
def hooks(chooser: Chooser, guard: Guard) -> RoutingHooks:
    return RoutingHooks(chooser, kind_of, guard)


def narrowed(hooks: RoutingHooks, arguments: Any = None) -> list[Any]:
    return asyncio.run(hooks.async_filter_deployments("chat", BOTH, None, arguments))


def test_the_chosen_one_is_left(hooks: RoutingHooks) -> None:
    assert narrowed(hooks) == BOTH[1:]


@pytest.mark.parametrize("broken", ["record", "draw", "facts", "observed"])
def test_a_fault_in_any_part_leaves_all_deployments(
    chooser: Chooser, hooks: RoutingHooks, guard: Guard, broken: str
) -> None:
    def failing(*_: Any) -> Any:
        raise RuntimeError("ours")

    setattr(chooser, broken, failing)
    assert narrowed(hooks) == BOTH
    assert hooks.prepared(Router(), {"model": "chat"}) == {"model": "chat"}
    asyncio.run(hooks.async_post_call_failure_deployment_hook({"litellm_params": 3}, ValueError("x")))
    hooks.log_success_event({"litellm_params": {"model_info": {"id": "one"}}}, None, None, None)
    assert guard.errors >= 1


@pytest.mark.parametrize("arguments", [None, {}, {"litellm_trace_id": 7, "messages": 3, "metadata": "odd"}])
def test_odd_arguments_are_borne(hooks: RoutingHooks, guard: Guard, arguments: Any) -> None:
    assert narrowed(hooks, arguments) == BOTH[1:]
    assert guard.errors == 0


def test_a_spent_budget_is_told_to_the_caller(chooser: Chooser, hooks: RoutingHooks) -> None:
    spent = BudgetLimit(name="all", action="block", scope={})
    snapshot.write(
        chooser.observed.folder, Snapshot(version=snapshot.VERSION, id="1", made_us=now_us(), budgets=[spent])
    )
    with pytest.raises(BudgetExceededError, match="budget all is spent"):
        narrowed(hooks)


def test_legacy_mode_holds_from_the_first_request_on(chooser: Chooser, hooks: RoutingHooks) -> None:
    snapshot.write_mode(chooser.observed.folder, Mode(mode="legacy", provider="openai"))
    assert hooks.prepared(Router(), {"model": "chat", "num_retries": 3})["num_retries"] == 0


def test_a_stale_snapshot_degrades_to_priors_and_the_record_says_so(chooser: Chooser, hooks: RoutingHooks) -> None:
    events: list[DecisionEvent] = []
    chooser.record = events.append
    old = Snapshot(version=snapshot.VERSION, id="old", made_us=1)
    snapshot.write(chooser.observed.folder, old)
    assert narrowed(hooks) == BOTH[1:]
    assert events[0].snapshot_id is None


def test_what_failed_in_a_request_is_not_chosen_again_in_it(hooks: RoutingHooks) -> None:
    request = {"litellm_trace_id": "one"}
    told = {"litellm_trace_id": "one", "litellm_params": {"model_info": {"id": "cheap"}}}
    asyncio.run(hooks.async_post_call_failure_deployment_hook(told, TimeoutError("late")))
    assert narrowed(hooks, request) == BOTH[:1]
    assert narrowed(hooks, {"litellm_trace_id": "two"}) == BOTH[1:]


def test_facts_are_the_deployments_own_before_litellms() -> None:
    listed = facts_of({"litellm_params": {"model": "openai/gpt-4o-mini"}, "model_info": {"id": "x"}})
    assert (listed.provider, listed.model, listed.vision, listed.tools) == ("openai", "gpt-4o-mini", True, True)
    assert listed.context_tokens == 128_000
    assert listed.list_input_usd == pytest.approx(0.15e-6)
    own = facts_of({"litellm_params": {"model": "openai/gpt-4o-mini"}, "model_info": {"max_input_tokens": 10}})
    assert own.context_tokens == 10
    assert facts_of({}).list_input_usd is None
