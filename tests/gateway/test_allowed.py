"""What a client may send, and what a call can cost at most: decided from the body alone."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from analytics.access import issuing, limits
from analytics.access.callers import Callers
from analytics.access.pepper import pepper_of
from analytics.access.till import Till
from scalix.folder import Folder
from scalix.gateway.allowed import Refusal, asks_nothing, body_of, is_call, refusal
from scalix.gateway.calls import Calls
from scalix.gateway.catalogue import Catalogue
from scalix.gateway.desk import Desk
from scalix.gateway.door import Door
from scalix.gateway.ledger_budgets import LedgerBudgets
from scalix.gateway.offers import offers
from scalix.store.control import ControlStore
from tests.gateway.running import HTTP, MESSAGES, PRICE, USD, Gateway, deployment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.collector.fake_provider import FakeProvider

FORBIDDEN = [
    "api_base",
    "base_url",
    "api_key",
    "extra_headers",
    "headers",
    "callbacks",
    "success_callback",
    "mock_response",
    "custom_llm_provider",
    "input_cost_per_token",
    "output_cost_per_token",
    "litellm_metadata",
    "litellm_params",
    "fallbacks",
    "extra_body",
    "num_retries",
    "timeout",
    "tags",
    "guardrails",
    "prompt_id",
    "model_list",
    "user_config",
    "cache",
    "caching",
    "no-log",
    "proxy_server_request",
]
METADATA: list[Any] = [
    {"user_api_key": "x"},
    {"user_api_key_user_id": "somebody"},
    {"foreign": 1},
    {"tags": "prod"},
    {"tags": [5]},
    {"spend_logs_metadata": {}},
    "text",
]
NOTHING: list[Any] = [None, [], {}, 5]
CHAT: dict[str, Any] = {"model": "chat", "messages": MESSAGES}


@pytest.mark.parametrize("field", FORBIDDEN)
def test_what_a_client_may_not_send_is_refused(field: str) -> None:
    found = refusal({**CHAT, field: "http://evil.example"})
    assert found is not None
    assert (found.status, found.param) == (400, field)


@pytest.mark.parametrize("metadata", METADATA)
def test_foreign_metadata_is_refused(metadata: Any) -> None:
    found = refusal({**CHAT, "metadata": metadata})
    assert found is not None
    assert found.status == 400


def test_what_scalix_and_the_settings_know_passes() -> None:
    options = {"files": [], "enable_lazy_edits": True}
    assert refusal({**CHAT, "scalix_options": options, "thinking": {"type": "enabled", "budget_tokens": 5}}) is None
    assert refusal({**CHAT, "metadata": {"user_id": "ada", "tags": ["a"], "session_id": "s"}}) is None
    assert refusal({**CHAT, "metadata": {"feature": "rag"}}) is not None
    assert refusal({**CHAT, "metadata": {"feature": "rag"}}, frozenset(["feature"])) is None


@pytest.mark.parametrize("body", [{}, {"model": 5}, {"model": ""}, {"model": "a\nb"}, {"model": "x" * 300}])
def test_a_model_has_to_be_named(body: dict[str, Any]) -> None:
    assert refusal(body) is not None


@pytest.mark.parametrize("body", [b"", b"[1]", b'{"temperature": NaN}', b"x", b"[" * 100_000, b"\xff", b'{"a": 1'])
def test_bodies_that_are_no_object_are_refused(body: bytes) -> None:
    assert isinstance(body_of(body), Refusal)


@pytest.mark.parametrize(
    ("path", "field", "said"),
    [
        ("/v1/chat/completions", "messages", MESSAGES),
        ("/messages", "messages", MESSAGES),
        ("/v1/messages/count_tokens", "messages", MESSAGES),
        ("/v1/completions", "prompt", "hi"),
        ("/v1/images/generations/", "prompt", "a cat"),
        ("/embeddings", "input", ["hi"]),
        ("/v1/audio/speech", "input", "hi"),
        ("/v1/responses", "input", MESSAGES),
    ],
)
def test_a_call_asks_for_something(path: str, field: str, said: Any) -> None:
    assert is_call(path)
    assert asks_nothing(path, {"model": "chat", field: said}) is None
    assert asks_nothing(path, {"model": "chat"}) is not None
    for nothing in NOTHING:
        found = asks_nothing(path, {"model": "chat", field: nothing})
        assert found is not None
        assert (found.status, found.param) == (400, field)


def test_messages_are_a_list_and_an_answer_can_be_asked_on() -> None:
    assert asks_nothing("/v1/chat/completions", {"messages": "hi"}) is not None
    assert asks_nothing("/v1/responses", {"previous_response_id": "resp_1"}) is None


class House:
    """As much of a Router as the door asks for: one model."""

    def get_model_names(self) -> list[str]:
        return ["chat"]

    def get_model_list(self, model_name: str | None = None) -> list[dict[str, Any]]:
        return [deployment("chat", "http://127.0.0.1/x/", **PRICE)] if model_name in {None, "chat"} else []


async def made(scope: Any, receive: Any, send: Any) -> None:
    await PlainTextResponse("made")(scope, receive, send)


@pytest.fixture
def door(tmp_path: Path) -> Iterator[tuple[Door, str]]:
    """A door before nothing but an answer, and a key with a budget."""
    folder = Folder(tmp_path)
    with closing(ControlStore.in_folder(folder)) as control, closing(Till(control, owner="test")) as till:
        pepper = pepper_of(folder)
        key, _ = issuing.mint(control, pepper, by="test", limits=limits.checked(limits.Limits(budget_pusd=USD)))
        desk = Desk(
            control=control,
            pepper=pepper,
            callers=Callers(control, pepper),
            folder=folder,
            master_key="sk-admin",
            catalogue=Catalogue(House, {}),
            ledger_budgets=LedgerBudgets(list),
        )
        yield Door(made, made, desk, Calls(till), longest_s=5), key


def test_without_messages_a_budget_is_not_blamed(door: tuple[Door, str]) -> None:
    client, headers = TestClient(door[0]), {"Authorization": f"Bearer {door[1]}"}
    refused = client.post("/v1/chat/completions", json={"model": "chat"}, headers=headers)
    assert (refused.status_code, refused.json()["error"]["param"]) == (400, "messages")
    assert client.post("/v1/chat/completions", json=CHAT, headers=headers).text == "made"


@pytest.mark.parametrize("field", ["api_base", "extra_headers", "mock_response", "litellm_metadata"])
def test_over_http_no_provider_is_asked(gateway: Gateway, field: str, provider: FakeProvider) -> None:
    seen = len(provider.hits)
    refused = gateway.post(gateway.key(), **{field: "http://evil.example"})
    assert (refused.status_code, refused.json()["error"]["param"]) == (400, field)
    assert len(provider.hits) == seen


def test_litellms_own_headers_do_nothing(gateway: Gateway, provider: FakeProvider) -> None:
    key = gateway.key(1)
    headers = {
        "Authorization": f"Bearer {key}",
        "x-litellm-call-id": "mine",
        "x-litellm-tags": "foreign",
        "x-litellm-timeout": "0.0001",
        "litellm-disable-message-redaction": "true",
    }
    answer = HTTP.post(
        f"{gateway.base}/v1/chat/completions", json={**CHAT, "max_tokens": 5}, headers=headers, timeout=60
    )
    assert answer.status_code == 200
    assert answer.headers["x-litellm-call-id"] != "mine"
    assert gateway.settled(key).account.spent_usd > 0
    assert provider.hits


def most(data: dict[str, Any], *prices: dict[str, Any]) -> int | None:
    return offers(data, {str(number): price for number, price in enumerate(prices)})[0].most_pusd


def test_what_a_call_can_cost_at_most() -> None:
    request = {**CHAT, "max_tokens": 100}
    dear = {"input_cost_per_token": 2e-6, "output_cost_per_token": 4e-6}
    cheap = most(request, PRICE)
    assert cheap is not None
    assert most(request, PRICE, dear) == 2 * cheap
    assert most(request, PRICE, {}) is None
    assert most(request, {"input_cost_per_token": 0, "output_cost_per_token": 0}) == 0


def test_each_offer_names_those_that_are_cheap_enough() -> None:
    dear = {name: 3 * price for name, price in PRICE.items()}
    found = offers({**CHAT, "max_tokens": 10}, {"a": PRICE, "b": dear, "c": PRICE})
    assert [offer.deployments for offer in found] == [None, frozenset(["a", "c"])]
    unknown = offers({**CHAT, "max_tokens": 10}, {"a": PRICE, "b": {}})
    assert [(offer.most_pusd is None, offer.deployments) for offer in unknown] == [
        (True, None),
        (False, frozenset(["a"])),
    ]


def test_every_choice_and_the_larger_limit_count() -> None:
    free_prompt = {"input_cost_per_token": 0, "output_cost_per_token": 1e-6}
    assert most({**CHAT, "n": 5}, free_prompt) == 5 * (most(CHAT, free_prompt) or 0)
    both = {**CHAT, "max_tokens": 1000, "max_completion_tokens": 1}
    assert most(both, PRICE) == most({**CHAT, "max_tokens": 1000}, PRICE)
    assert most({**CHAT, "max_tokens": 10, "previous_response_id": "resp_1"}, PRICE) is None


@pytest.mark.parametrize(
    "more", [{"system": "x" * 1000}, {"tools": ["x" * 1000]}, {"scalix_options": {"f": "x" * 1000}}]
)
def test_whatever_becomes_prompt_counts(more: dict[str, Any]) -> None:
    bare, with_more = most({**CHAT, "max_tokens": 1}, PRICE), most({**CHAT, "max_tokens": 1, **more}, PRICE)
    assert bare is not None
    assert with_more is not None
    assert with_more - bare >= 1000 * 10**6


def test_a_body_is_json() -> None:
    assert body_of(json.dumps(CHAT).encode()) == CHAT
