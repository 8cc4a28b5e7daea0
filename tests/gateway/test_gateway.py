"""A real gateway over HTTP, with official clients: keys, budgets before the call, and what a client may not send."""

from __future__ import annotations

import json
import socket
import subprocess
from contextlib import closing
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import httpx
import openai
import pytest

from scalix.folder import Folder
from scalix.gateway import keys
from scalix.gateway.allowed import refusal
from scalix.gateway.bounds import most_pusd
from scalix.gateway.endpoints import Endpoints
from scalix.store.control import ControlStore
from tests.collector.conftest import PYTHON, attempts, environment, events, until
from tests.collector.test_matrix_proxy import answers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.collector.fake_provider import FakeProvider

pytestmark = pytest.mark.timeout(240)
MASTER = "sk-master-0123456789abcdef0123456789abcdef"
MESSAGES: Any = [{"role": "user", "content": "hi"}]
PRICE = {"input_cost_per_token": 1e-6, "output_cost_per_token": 2e-6}


class Gateway:
    """A running gateway and its folder."""

    def __init__(self, base: str, folder: Folder) -> None:
        self.base = base
        self.folder = folder
        self.control = ControlStore.in_folder(folder)

    def key(self, **options: Any) -> str:
        return keys.mint(self.control, keys.pepper_of(self.folder), **options)

    def post(self, key: str, path: str = "/v1/chat/completions", **body: Any) -> httpx.Response:
        given = {"model": "chat", "messages": MESSAGES, "max_tokens": 50, **body}
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        return httpx.post(self.base + path, json=given, headers=headers, timeout=30)

    def state(self, key: str) -> keys.Key:
        found = keys.one(self.control, key.removeprefix(keys.START).partition("-")[0])
        assert found is not None
        return found


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory, provider: FakeProvider) -> Iterator[Gateway]:
    folder = Folder(tmp_path_factory.mktemp("gateway"))
    models = [
        ("chat", "ok", PRICE),
        ("failing", "err500", PRICE),
        ("unpriced", "ok", {}),
        ("pair", "dear", {name: 9 * price for name, price in PRICE.items()}),
        ("pair", "cheap", PRICE),
    ]
    config = {
        "model_list": [
            {
                "model_name": name,
                "model_info": {"id": f"dep-{name}-{behaviour}"},
                "litellm_params": {
                    "model": "openai/house-model",
                    "api_base": provider.at(behaviour),
                    "api_key": "sk-upstream",
                    **price,
                },
            }
            for name, behaviour, price in models
        ],
        "litellm_settings": {"num_retries": 0},
    }
    (folder.root / "config.yaml").write_text(json.dumps(config))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = (folder.root / "log").open("wb")
    variables = environment(folder.spool, LITELLM_MASTER_KEY=MASTER)
    command = [PYTHON, "-m", "scalix", "gateway", str(folder.root / "config.yaml"), "--port", str(port)]
    process = subprocess.Popen(
        [*command, "--folder", str(folder.root)], env=variables, stdout=log, stderr=log, start_new_session=True
    )
    base = f"http://127.0.0.1:{port}"
    try:
        until(lambda: process.poll() is not None or answers(f"{base}/health/liveliness"), 120)
        assert process.poll() is None, (folder.root / "log").read_text()[-3000:]
        running = Gateway(base, folder)
        with closing(running.control):
            yield running
    finally:
        process.terminate()
        process.wait(30)
        assert not answers(f"{base}/health/liveliness"), "the proxy outlives the gateway"


def test_the_openai_client_chats_and_streams_and_the_call_is_recorded_for_its_key(gateway: Gateway) -> None:
    key = gateway.key(alias="app", user_id="ada", team="search", budget_usd=Decimal(1))
    client = openai.OpenAI(base_url=f"{gateway.base}/v1", api_key=key, max_retries=0)
    answer = client.chat.completions.create(model="chat", messages=MESSAGES, max_tokens=50)
    assert answer.choices[0].message.content
    stream = client.chat.completions.create(model="chat", messages=MESSAGES, max_tokens=50, stream=True)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices)
    until(lambda: gateway.state(key).reserved_usd == 0, 15)
    rows = [row for row in attempts(gateway.folder.spool) if row.get("key_alias") == "app"]
    assert {(row["user_id"], row["team_id"], row["status"]) for row in rows} == {("ada", "search", "success")}
    spent = sum(row["litellm_cost_pusd"] for row in rows)
    assert gateway.state(key).spent_usd == Decimal(spent) / 10**12


@pytest.mark.parametrize("wrong", ["", "nonsense", "sk-scalix-000000000000-x", "blocked", "expired"])
def test_every_bad_key_gets_the_same_answer(gateway: Gateway, wrong: str) -> None:
    if wrong == "blocked":
        wrong = gateway.key()
        assert gateway.post(wrong).status_code == 200
        keys.block(gateway.control, gateway.state(wrong).prefix)
    elif wrong == "expired":
        wrong = gateway.key(expires_us=1)
    answer = gateway.post(wrong)
    assert (answer.status_code, answer.json()["error"]["message"]) == (401, "that key is not known here")


def test_the_admins_key_calls_no_models(gateway: Gateway) -> None:
    assert gateway.post(MASTER).status_code == 403


def test_a_key_calls_only_its_models(gateway: Gateway) -> None:
    assert gateway.post(gateway.key(models=("other",))).status_code == 403
    assert gateway.post(gateway.key(models=("chat",))).status_code == 200


def test_a_budget_is_kept_before_the_call_and_no_provider_is_blamed(gateway: Gateway, provider: FakeProvider) -> None:
    key = gateway.key(alias="small", budget_usd=Decimal("0.001"))
    seen = len(provider.hits)
    statuses = [gateway.post(key).status_code for _ in range(8)]
    refused = gateway.post(key, max_tokens=100_000)
    assert 200 in statuses
    assert refused.status_code == 429
    assert refused.json()["error"]["type"] == "budget_exceeded"
    assert "limit 0.001 USD" in refused.json()["error"]["message"]
    assert len(provider.hits) - seen == statuses.count(200)
    until(lambda: gateway.state(key).reserved_usd == 0, 15)
    assert gateway.state(key).spent_usd <= Decimal("0.001")


def test_a_failed_call_gives_its_reservation_back(gateway: Gateway) -> None:
    key = gateway.key(budget_usd=Decimal(1))
    assert gateway.post(key, model="failing").status_code >= 500
    until(lambda: gateway.state(key).reserved_usd == 0, 15)
    assert gateway.state(key).spent_usd == 0


def test_an_unknown_price_under_a_budget_is_refused_and_never_free(gateway: Gateway) -> None:
    refused = gateway.post(gateway.key(budget_usd=Decimal(1)), model="unpriced")
    assert (refused.status_code, refused.json()["error"]["type"]) == (429, "budget_exceeded")
    assert gateway.post(gateway.key(), model="unpriced").status_code == 200


@pytest.mark.parametrize(
    "field",
    [
        "api_base",
        "api_key",
        "extra_headers",
        "callbacks",
        "mock_response",
        "input_cost_per_token",
        "output_cost_per_token",
        "litellm_metadata",
        "fallbacks",
        "extra_body",
    ],
)
def test_what_a_client_may_not_send_is_refused(gateway: Gateway, field: str, provider: FakeProvider) -> None:
    seen = len(provider.hits)
    # LiteLLM refuses an api_base by itself before it asks who calls, and answers 500.
    assert gateway.post(gateway.key(), **{field: "http://evil.example"}).status_code in {400, 500}
    assert len(provider.hits) == seen


def test_calls_go_to_the_cheaper_deployment_of_a_group(gateway: Gateway) -> None:
    key = gateway.key(alias="routed")
    assert {gateway.post(key, model="pair").status_code for _ in range(20)} == {200}
    rows = [row for row in attempts(gateway.folder.spool) if row.get("key_alias") == "routed"]
    assert sum(row["deployment_id"] == "dep-pair-cheap" for row in rows) >= 16
    assert len(events(gateway.folder.spool, "decision")) == 20


@pytest.mark.parametrize(
    "path", ["/health", "/v1/chat/completions/../../health", "/config/yaml", "/cache/ping", "/openai/x"]
)
def test_a_key_reaches_nothing_but_models(gateway: Gateway, path: str) -> None:
    assert ask(gateway, gateway.key(), "GET", path).status_code in {401, 403, 404}


@pytest.mark.parametrize(
    "body",
    [
        b'{"model": "chat", "messages": [], "temperature": NaN}',
        b"[1]",
        b'{"metadata": {"scalix_reservation": "x"}}',
        b"x",
    ],
)
def test_bodies_that_could_hide_something_are_refused(body: bytes) -> None:
    found = refusal("/v1/chat/completions", body)
    assert found is not None
    assert found.status == 400


def test_every_choice_and_the_larger_limit_count() -> None:
    request = {"model": "chat", "messages": MESSAGES}
    free_prompt = {"input_cost_per_token": 0, "output_cost_per_token": 1e-6}
    assert most_pusd({**request, "n": 5}, [free_prompt]) == 5 * (most_pusd(request, [free_prompt]) or 0)
    both = {**request, "max_tokens": 1000, "max_completion_tokens": 1}
    assert most_pusd(both, [PRICE]) == most_pusd({**request, "max_tokens": 1000}, [PRICE])
    assert most_pusd({**request, "max_tokens": 10, "previous_response_id": "resp_1"}, [PRICE]) is None


def ask(gateway: Gateway, token: str, method: str, path: str, **body: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx.request(method, gateway.base + path, json=body or None, headers=headers, timeout=30)


def test_the_admin_makes_keys_over_http_and_their_holders_ask_about_them(gateway: Gateway) -> None:
    given = {"key_alias": "http", "user_id": "ada", "models": ["chat"], "max_budget": 10, "duration": "30d"}
    made = ask(gateway, MASTER, "POST", "/key/generate", **given).json()
    key = made["key"]
    assert (made["user_id"], made["max_budget"], made["models"]) == ("ada", 10.0, ["chat"])
    assert gateway.post(key).status_code == 200
    until(lambda: ask(gateway, key, "GET", "/v1/user/info").json()["usedCredits"] > 0, 15)
    info = ask(gateway, key, "GET", "/v1/user/info").json()
    assert (info["userId"], info["totalCredits"]) == ("ada", 10.0)
    budget = ask(gateway, key, "GET", "/v1/user/budget").json()
    assert budget["remaining"] == pytest.approx(10 - info["usedCredits"])
    assert ask(gateway, key, "GET", "/key/info").json()["info"]["key_alias"] == "http"
    assert key not in ask(gateway, MASTER, "GET", "/key/list").text
    assert ask(gateway, MASTER, "POST", "/key/block", key=key).json()["blocked"]
    assert gateway.post(key).status_code == 401
    assert ask(gateway, MASTER, "POST", "/key/unblock", key=made["token"]).status_code == 200
    assert gateway.post(key).status_code == 200
    assert ask(gateway, MASTER, "POST", "/key/delete", keys=[key]).json() == {"deleted_keys": [made["token"]]}
    assert gateway.post(key).status_code == 401


ADMIN_ROUTES = [("POST", f"/key/{verb}") for verb in ("generate", "block", "unblock", "delete")] + [
    ("GET", "/key/list")
]
HOLDER_ROUTES = [("GET", path) for path in ("/v1/user/info", "/v1/user/budget", "/key/info")]


@pytest.mark.parametrize(("method", "path"), [*ADMIN_ROUTES, *HOLDER_ROUTES])
def test_routes_are_closed_to_who_may_not_use_them(gateway: Gateway, method: str, path: str) -> None:
    blocked = gateway.key()
    keys.block(gateway.control, gateway.state(blocked).prefix)
    for wrong in ("", "sk-wrong", blocked, gateway.key(expires_us=1)):
        assert ask(gateway, wrong, method, path).status_code == 401
    if (method, path) in ADMIN_ROUTES:
        assert ask(gateway, gateway.key(), method, path).status_code == 403


def test_every_route_of_ours_is_in_the_table_above(gateway: Gateway) -> None:
    routes = Endpoints(gateway.control, b"", lambda _: False).routes()
    found = {(method, route.path) for route in routes for method in (route.methods or set()) - {"HEAD"}}
    assert found == {*ADMIN_ROUTES, *HOLDER_ROUTES}


def test_a_holder_asks_about_no_other_key(gateway: Gateway) -> None:
    other = gateway.state(gateway.key()).prefix
    assert ask(gateway, gateway.key(), "GET", f"/key/info?key={other}").status_code == 403


@pytest.mark.parametrize("body", [{"max_budget": "much"}, {"max_budget": -1}, {"duration": "soon"}, {"user_id": 5}])
def test_what_is_no_key_is_refused_with_a_reason(gateway: Gateway, body: dict[str, Any]) -> None:
    refused = ask(gateway, MASTER, "POST", "/key/generate", **body)
    assert refused.status_code == 400
    assert refused.json()["error"]["type"] == "invalid_request_error"


def test_what_a_call_can_cost_at_most() -> None:
    request = {"model": "chat", "messages": MESSAGES, "max_tokens": 100}
    dear = {"input_cost_per_token": 2e-6, "output_cost_per_token": 4e-6}
    cheap, dearer = most_pusd(request, [PRICE]), most_pusd(request, [PRICE, dear])
    assert cheap is not None
    assert dearer == 2 * cheap
    assert most_pusd(request, [PRICE, {}]) is None
    assert most_pusd(request, [{"input_cost_per_token": 0, "output_cost_per_token": 0}]) == 0
