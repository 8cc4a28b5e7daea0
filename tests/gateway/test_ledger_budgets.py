"""Budgets made with `scalix budget` hold at the gateway for the people that they speak of."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from scalix.cli.app import app
from scalix.gateway.ledger_budgets import LedgerBudgets
from scalix.snapshot import BudgetLimit
from tests.collector.conftest import until

if TYPE_CHECKING:
    from httpx import Response

    from tests.collector.fake_provider import FakeProvider
    from tests.gateway.running import Gateway

TOO_MANY = 429
TAGGED: dict[str, Any] = {"metadata": {"tags": ["asked-for"]}}


@dataclass(frozen=True)
class Holder:
    """Somebody that a budget speaks of: their key, and what their calls say beside."""

    key: str
    scope: str
    more: dict[str, Any]


@pytest.fixture(scope="module")
def holders(gateway: Gateway) -> dict[str, Holder]:
    """One for each kind of budget. Their first calls, which are under way to the ledger now, use all of it up."""
    found = {
        "team": Holder(gateway.key(team_id="dear-team"), "team=dear-team", {}),
        "user": Holder(gateway.key(user_id="dear-user"), "user=dear-user", {}),
        "key": Holder(gateway.key(alias="dear-key"), "key=dear-key", {}),
        "tag": Holder(gateway.key(tags=["dear-tag"]), "tag=dear-tag", {}),
        "tag of a call": Holder(gateway.key(), "tag=asked-for", TAGGED),
    }
    for kind, holder in found.items():
        line = ["budget", "add", f"of {kind}", "0.00001", "--for", holder.scope, "--at", "100=block"]
        made = CliRunner().invoke(app, [*line, "--folder", str(gateway.folder.root)])
        assert made.exit_code == 0, made.output
        assert gateway.post(holder.key, **holder.more).status_code == 200
    return found


@pytest.mark.parametrize("kind", ["team", "user", "key", "tag", "tag of a call"])
def test_a_budget_of_the_ledger_is_kept_before_the_call(
    gateway: Gateway, provider: FakeProvider, holders: dict[str, Holder], kind: str
) -> None:
    holder = holders[kind]
    answers: list[tuple[Response, int]] = []

    def refused() -> bool:
        """Each worker hears of the budget in its own time."""
        seen = len(provider.hits)
        answers.append((gateway.post(holder.key, **holder.more), len(provider.hits) - seen))
        return answers[-1][0].status_code == TOO_MANY

    until(refused, 30)
    answer, asked = answers[-1]
    error = answer.json()["error"]
    assert (error["type"], error["scope"]["id"]) == ("budget_exceeded", f"of {kind}")
    assert error["reset_at"]
    assert asked == 0, "no provider was asked"
    assert gateway.settled(holder.key).account.refused == 0, "and its own limits have nothing to do with it"


def test_others_go_on(gateway: Gateway, holders: dict[str, Holder]) -> None:
    assert gateway.post(gateway.key(team_id="other", user_id="other", tags=["other"])).status_code == 200
    assert gateway.post(holders["tag of a call"].key).status_code == 200, "without the tag"


def test_what_blocks_comes_before_what_asks_for_cheaper_calls() -> None:
    def limit(action: str, **scope: str) -> BudgetLimit:
        return BudgetLimit(name=f"{action} {scope}", action=action, scope=scope)

    caller: Any = SimpleNamespace(key=SimpleNamespace(team_id="a", user_id=None, name="app", tags=("x",)))
    limits = [limit("degrade", team="a"), limit("block", team="a", model_group="chat"), limit("block", provider="p")]
    found = LedgerBudgets(lambda: limits)
    assert found.reached(caller, "chat") == limits[1]
    assert found.reached(caller, "other") == limits[0], "the block speaks of another model"
    others: Any = SimpleNamespace(key=SimpleNamespace(team_id="b", user_id=None, name="app", tags=()))
    assert found.reached(others, "chat") is None
    of_tags = LedgerBudgets(lambda: [limit("block", tag="x")])
    assert of_tags.reached(others, "chat", ["x"]) == of_tags.reached(caller, "chat")
    assert of_tags.reached(others, "chat", ["y"]) is None
