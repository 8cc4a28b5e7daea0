"""Answers from LiteLLM's cache, which the workers share on disk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.collector.conftest import attempts, until

if TYPE_CHECKING:
    from tests.collector.fake_provider import FakeProvider
    from tests.gateway.running import Gateway


def test_an_answer_from_the_cache_costs_its_key_nothing_and_is_recorded(
    gateway: Gateway, provider: FakeProvider
) -> None:
    key, seen = gateway.key(1, alias="cacher"), len(provider.hits)
    texts, spent = [], []
    for _ in range(3):
        texts.append(gateway.post(key, model="cached").json()["choices"][0]["message"]["content"])
        spent.append(gateway.settled(key).account.spent_usd)
    assert texts == ["hello world"] * 3
    assert spent[0] > 0
    assert set(spent) == {spent[0]}, "only the first was paid for"
    assert len(provider.hits) - seen == 1
    rows = [row for row in attempts(gateway.folder.spool) if row.get("key_alias") == "cacher"]
    assert [(row["status"], row.get("cache_hit")) for row in rows] == [
        ("success", None),
        ("success", True),
        ("success", True),
    ]
    assert [row["litellm_cost_pusd"] for row in rows[1:]] == [0, 0]

    def logged() -> list[dict[str, Any]]:
        return [row for row in gateway.ask(key, "GET", "/spend/logs").json() if row["cache_hit"]]

    until(lambda: len(logged()) == 2, 60)
    assert {row["spend"] for row in logged()} == {0}
    assert gateway.state(key).account.spent_usd == spent[0], "and the ledger has nothing to add"
