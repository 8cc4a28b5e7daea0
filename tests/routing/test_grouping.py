"""Fallback groups are put in order per request, and legacy mode goes past everything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from routing.choosing import Chooser
from routing.facts import Facts
from routing.grouping import group_order
from routing.legacy import only_legacy, without_routing
from routing.observed import Observed
from scalix import snapshot
from scalix.snapshot import Mode

if TYPE_CHECKING:
    from pathlib import Path

PRICES = {"a1": 9e-6, "b1": 5e-6, "b2": 1e-6, "c1": 2e-6}


class Router:
    """As much of LiteLLM's as the order needs."""

    fallbacks: list[Any] = [{"a": ["c", "b"]}]  # noqa: RUF012 - a router's fallbacks are a plain attribute

    def get_model_list(self, model_name: str) -> list[dict[str, Any]]:
        return [{"model_info": {"id": name}} for name in PRICES if name.startswith(model_name)]


@pytest.fixture
def chooser(tmp_path: Path) -> Chooser:
    def facts(one: Any) -> Facts:
        price = PRICES[one["model_info"]["id"]]
        return Facts(list_input_usd=price, list_output_usd=price)

    return Chooser(Observed(tmp_path), lambda _: None, facts=facts)


def order(chooser: Chooser, **arguments: Any) -> list[Any] | None:
    return group_order(chooser, Router(), {"model": "a", "messages": [], **arguments})


def test_the_group_with_the_cheapest_that_works_comes_first(chooser: Chooser) -> None:
    assert order(chooser) == [{"a": ["b", "c"]}]
    for _ in range(3):
        chooser.observed.failed("b2", "server", None)
    assert order(chooser) == [{"a": ["c", "b"]}], "what is left of b is dearer"


def test_what_is_not_a_choice_is_left_alone(chooser: Chooser) -> None:
    assert order(chooser, model="b") is None
    assert order(chooser, fallbacks=[{"a": ["b"]}]) is None
    assert order(chooser, fallbacks=[{"a": [{"model": "b"}, {"model": "c"}]}]) is None


def test_nothing_is_ordered_while_routing_does_not_act(chooser: Chooser) -> None:
    snapshot.write_mode(chooser.observed.folder, Mode(mode="shadow"))
    chooser.observed.look()
    assert order(chooser) is None


def test_legacy_keeps_one_deployment_of_one_provider_and_switches_the_rest_off() -> None:
    both = [{"litellm_params": {"model": "openai/x"}}, {"litellm_params": {"model": "anthropic/y"}}]
    assert only_legacy(Mode(mode="legacy", provider="anthropic"), both) == both[1:]
    assert only_legacy(Mode(mode="legacy", provider="nobody"), both) == both
    assert only_legacy(Mode(), both) == both
    sent = without_routing({"model": "a", "num_retries": 3})
    assert (sent["model"], sent["num_retries"], sent["fallbacks"], sent["caching"]) == ("a", 0, [], False)
