"""Every route against every credential, generated from the routes themselves."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.access import issuing, people
from scalix.gateway import allowed
from scalix.gateway.desk import Who
from scalix.gateway.door import Door
from scalix.gateway.endpoints.route import Scope
from scalix.gateway.endpoints.table import ENDPOINTS
from scalix.times import now_us
from tests.gateway.running import HTTP, MASTER, Gateway

if TYPE_CHECKING:
    import httpx

    from scalix.gateway.endpoints.route import Endpoint

FOREIGN: dict[str, dict[str, Any] | None] = {
    "/key/generate": {"team_id": "theirs"},
    "/key/update": {"key": "their-key"},
    "/key/block": {"key": "their-key"},
    "/key/unblock": {"key": "their-key"},
    "/key/regenerate": {"key": "their-key"},
    "/key/{key}/regenerate": {"key": "their-key"},
    "/key/delete": {"keys": ["their-key"]},
    "/key/info": {"key": "their-key"},
    "/key/list": None,
    "/user/info": {"user_id": "them"},
    "/team/info": {"team_id": "theirs"},
    "/team/list": None,
    "/team/member_add": {"team_id": "theirs", "member": {"user_id": "me", "role": "admin"}},
    "/team/member_delete": {"team_id": "theirs", "user_id": "them"},
    "/spend/logs": {"team_id": "theirs"},
    "/v1/models": None,
    "/models": None,
    "/v1/models/{model:path}": None,
    "/models/{model:path}": None,
    "/model/info": None,
    "/v1/model/info": None,
    "/v1/user/info": None,
    "/v1/user/budget": None,
    "/user/budget": None,
}
"""For routes that are not the admin's alone: how to name what is somebody else's. None where nothing can be named."""


@dataclass(frozen=True)
class People:
    """A holder, an admin of their team, somebody of another team, and keys that work no more."""

    holder: str
    leader: str
    bad: dict[str, str]


@pytest.fixture(scope="module")
def everybody(gateway: Gateway) -> People:
    for team in ("mine", "theirs"):
        people.add(gateway.control, ("team", team), by="test")
    people.join(gateway.control, "mine", [("boss", "admin"), ("me", "user")], by="test")
    gateway.key(alias="their-key", team_id="theirs", user_id="them")
    blocked, expired, rotated = gateway.key(), gateway.key(expires_us=now_us() - 1), gateway.key(alias="rotated-away")
    issuing.block(gateway.control, blocked, by="test")
    gateway.ask(MASTER, "POST", "/key/regenerate", key="rotated-away")
    removed = gateway.key()
    issuing.remove(gateway.control, removed, by="test")
    holder = gateway.key(alias="my-key", team_id="mine", user_id="me")
    bad = {"none": "", "wrong": holder[:-1] + "x", "blocked": blocked, "expired": expired}
    more = {"rotated": rotated, "removed": removed, "sql": "' OR 1=1 --", "long": "sk-scalix-" + "a" * 9000}
    return People(holder, gateway.key(team_id="mine", user_id="boss"), {**bad, **more})


def ask(gateway: Gateway, endpoint: Endpoint, key: str, fields: dict[str, Any] | None = None) -> httpx.Response:
    path = endpoint.path.replace("{key}", "their-key").replace("{model:path}", "chat")
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    query = fields if endpoint.method == "GET" else None
    body = None if endpoint.method == "GET" else fields or {}
    return HTTP.request(endpoint.method, gateway.base + path, params=query, json=body, headers=headers)


def name(endpoint: Endpoint) -> str:
    return f"{endpoint.method} {endpoint.path}"


def test_every_route_that_holders_may_use_has_a_row() -> None:
    assert {one.path for one in ENDPOINTS if one.scope in {Scope.HOLDER, Scope.TEAM}} == FOREIGN.keys()


@pytest.mark.parametrize("endpoint", [one for one in ENDPOINTS if one.scope is not Scope.OPEN], ids=name)
def test_nobody_gets_in_without_a_key_that_works(gateway: Gateway, everybody: People, endpoint: Endpoint) -> None:
    answers = [ask(gateway, endpoint, key) for key in everybody.bad.values()]
    assert {(answer.status_code, answer.text) for answer in answers} == {(401, answers[0].text)}
    wanted = {Scope.ADMIN: {403}, Scope.TEAM: {403}}.get(endpoint.scope)
    if wanted:
        assert ask(gateway, endpoint, everybody.holder).status_code in wanted
    if endpoint.scope is Scope.ADMIN:
        assert ask(gateway, endpoint, everybody.leader).status_code == 403


@pytest.mark.parametrize("endpoint", [one for one in ENDPOINTS if FOREIGN.get(one.path)], ids=name)
def test_nobody_reaches_what_is_somebody_elses(gateway: Gateway, everybody: People, endpoint: Endpoint) -> None:
    named = FOREIGN[endpoint.path]
    for key in (everybody.holder, everybody.leader):
        assert ask(gateway, endpoint, key, named).status_code in {403, 404}
    assert gateway.state("their-key").account.blocked is False


@pytest.mark.parametrize("endpoint", [one for one in ENDPOINTS if FOREIGN.get(one.path, ...) is None], ids=name)
def test_what_names_nothing_shows_nothing_of_others(gateway: Gateway, everybody: People, endpoint: Endpoint) -> None:
    for key in (everybody.holder, everybody.leader):
        answer = ask(gateway, endpoint, key)
        assert answer.status_code == 200
        assert "their-key" not in answer.text
        assert "theirs" not in answer.text
        assert "sk-upstream" not in answer.text


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/embeddings", "/v1/messages", "/nothing", "/config/yaml"])
def test_every_bad_key_gets_the_same_answer(gateway: Gateway, everybody: People, path: str) -> None:
    body = {"model": "chat", "messages": [], "api_base": "http://evil.example"}
    answers = [
        HTTP.post(gateway.base + path, json=body, headers={"Authorization": f"Bearer {key}"} if key else {}, timeout=60)
        for key in everybody.bad.values()
    ]
    assert {(answer.status_code, answer.text) for answer in answers} == {(401, answers[0].text)}


@pytest.mark.parametrize("header", ["Authorization", "x-api-key", "api-key"])
def test_headers_that_are_no_keys_are_refused(gateway: Gateway, header: str) -> None:
    for value in (b"Bearer", b"Basic abc", b"\xff\xfe", b"Bearer \xc3\xa9", b"a" * 5000, b"' OR '1'='1"):
        answer = HTTP.get(f"{gateway.base}/v1/models", headers={header.encode(): value})
        assert answer.status_code == 401


def test_an_admin_of_a_team_makes_keys_for_it_and_for_nobody_else(gateway: Gateway, everybody: People) -> None:
    made = gateway.ask(everybody.leader, "POST", "/key/generate", key_alias="ours", user_id="me", max_budget=1)
    assert made.json()["team_id"] == "mine"
    assert gateway.ask(everybody.leader, "POST", "/key/generate", user_id="them").status_code == 403
    assert gateway.ask(everybody.leader, "POST", "/key/update", key="ours", team_id="theirs").status_code == 403
    assert gateway.ask(everybody.leader, "POST", "/key/block", key="ours").json()["blocked"]
    assert gateway.ask(everybody.holder, "POST", "/key/unblock", key="ours").status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        "/openai/x",
        "/v1/chat/completions/../../health/services",
        "/ui",
        "/docs",
        "/openapi.json",
        "/cache/ping",
        "/mcp/tools",
        "/v1/files",
        "/config/yaml",
        "/callbacks/list",
    ],
)
def test_nothing_else_of_litellm_can_be_reached(gateway: Gateway, everybody: People, path: str) -> None:
    for method in ("GET", "POST"):
        for key in (MASTER, everybody.leader):
            answer = HTTP.request(
                method, gateway.base + path, headers={"Authorization": f"Bearer {key}"}, timeout=60, json={}
            )
            assert answer.status_code == 404


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="/v1chatompleinsdbgrgu.%20-_ABC\\", max_size=40), st.sampled_from(["GET", "POST", "PUT"]))
def test_the_door_lets_no_path_past_that_calls_no_model(path: str, method: str) -> None:
    reached: list[str] = []

    async def inner(_scope: Any, _receive: Any, _send: Any) -> None:
        reached.append("litellm")

    async def endpoints(_scope: Any, _receive: Any, _send: Any) -> None:
        reached.append("ours")

    async def receive() -> Any:
        return {"type": "http.disconnect"}

    async def send(_message: Any) -> None:
        return None

    class Nobody:
        """A desk where nobody is known."""

        @staticmethod
        def who(_: Any) -> Any:
            return Who()

    door = Door(inner, endpoints, cast("Any", Nobody()), cast("Any", None), longest_s=1)
    scope = {"type": "http", "path": path, "method": method, "headers": [], "query_string": b""}
    asyncio.run(door(scope, receive, send))
    assert reached == ([] if allowed.is_call(path) else ["ours"])
