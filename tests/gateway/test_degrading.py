"""A budget that asks for cheaper calls narrows them to the cheapest deployments; one that blocks refuses them."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from scalix.cli.app import app
from tests.collector.conftest import until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.gateway.running import Gateway

CHEAP, DEAR = "dep-pair-cheap", "dep-pair-dear"
CALLS = 12
TOO_MANY = 429


@pytest.fixture(scope="module", autouse=True)
def _by_lot(gateway: Gateway) -> Iterator[None]:
    """Without routing LiteLLM draws lots between the two, so whatever is narrowed is seen to be."""
    _scalix(gateway, "route", "off")
    free = gateway.key()
    until(lambda: DEAR in _taken(gateway, free), 30)
    yield
    _scalix(gateway, "route", "on")


def test_a_key_goes_cheaper_from_its_share_of_the_budget_on(gateway: Gateway) -> None:
    key = gateway.key(0.1, degrade_percent=1)

    def spends() -> bool:
        """As much as it may before its calls go cheaper."""
        gateway.post(key, model="pair")
        return gateway.settled(key).account.spent_usd >= Decimal("0.001")

    until(spends, 30)
    assert _taken(gateway, key) == {CHEAP}
    assert gateway.settled(key).account.refused == 0


def test_a_budget_of_the_ledger_narrows_until_one_blocks(gateway: Gateway) -> None:
    key = gateway.key(team_id="thrifty")
    _budget(gateway, "to go cheaper", "degrade")
    until(lambda: _taken(gateway, key) == {CHEAP}, 30)
    assert _taken(gateway, key) == {CHEAP}, "and all go on being answered"
    assert DEAR in _taken(gateway, gateway.key()), "others are not narrowed"
    _budget(gateway, "to stop", "block")
    until(lambda: gateway.post(key, model="pair").status_code == TOO_MANY, 30)
    until(lambda: [gateway.post(key, model="pair").status_code for _ in range(4)] == [TOO_MANY] * 4, 30)
    error = gateway.post(key, model="pair").json()["error"]
    assert (error["type"], error["scope"]["id"]) == ("budget_exceeded", "to stop")


def _budget(gateway: Gateway, name: str, action: str) -> None:
    _scalix(gateway, "budget", "add", name, "0.00001", "--for", "team=thrifty", "--at", f"100={action}")


def _scalix(gateway: Gateway, *arguments: str) -> None:
    done = CliRunner().invoke(app, [*arguments, "--folder", str(gateway.folder.root)])
    assert done.exit_code == 0, done.output


def _taken(gateway: Gateway, key: str) -> set[str]:
    """Who answers some calls; all of them are."""
    answers = [gateway.post(key, model="pair") for _ in range(CALLS)]
    assert {answer.status_code for answer in answers} == {200}
    return {answer.headers["x-litellm-model-id"] for answer in answers}
