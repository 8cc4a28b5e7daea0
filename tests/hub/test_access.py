"""Who gets in over HTTP, with a password set and without."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from dashboard.roles import Role
from scalix.hub.access import PasswordGate
from scalix.hub.sessions import FAILURES_PER_MINUTE, Sessions

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.websockets import WebSocket

    from tests.hub.running import HubProcess

PASSWORD = "open sesame é"


def basic(password: str) -> dict[str, str]:
    """A header as a browser sends it."""
    return {"Authorization": "Basic " + base64.b64encode(f"anyone:{password}".encode()).decode()}


async def page(_: Request) -> PlainTextResponse:
    return PlainTextResponse("inside")


async def stream(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text("inside")
    await socket.close()


@pytest.fixture
def client() -> TestClient:
    routes = [Route("/", page), Route("/healthz", page), Route("/v1/health", page), WebSocketRoute("/stream", stream)]
    return TestClient(PasswordGate(Starlette(routes=routes), Sessions({Role.ADMIN: PASSWORD})), follow_redirects=False)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        basic("open sesame"),
        basic(""),
        {"Authorization": "Basic !!"},
        {"Authorization": "Basic"},
        {"Authorization": "Bearer "},
        {"Authorization": "Bearer nothing"},
        {"Cookie": "scalix_session=3.9999999999.0000"},
        {"Cookie": "scalix_session=3.9999999999999999999999.00"},
    ],
)
def test_without_the_password_there_is_nothing_to_see(client: TestClient, headers: dict[str, str]) -> None:
    encoded = httpx.Headers([(name.encode(), value.encode()) for name, value in headers.items()], "utf-8")

    assert client.get("/", headers=encoded).status_code == 401
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/stream", headers=encoded):
        pass


def test_a_browser_is_asked_and_then_remembered(client: TestClient) -> None:
    asked = client.get("/", headers={"Accept": "text/html"})
    assert (asked.status_code, asked.headers["location"]) == (303, "/sign-in")
    assert client.post("/sign-in", data={"password": "no"}).status_code == 403

    entered = client.post("/sign-in", data={"password": PASSWORD})

    assert entered.status_code == 303
    assert "HttpOnly" in entered.headers["set-cookie"]
    assert "samesite=lax" in entered.headers["set-cookie"].lower()
    assert client.get("/").text == "inside"
    with client.websocket_connect("/stream") as socket:
        assert socket.receive_text() == "inside"


def test_programs_send_the_password_along(client: TestClient) -> None:
    assert client.get("/", headers=basic(PASSWORD)).text == "inside"


def test_guessing_is_slowed_down(client: TestClient) -> None:
    for _ in range(FAILURES_PER_MINUTE):
        client.post("/sign-in", data={"password": "guess"})

    assert client.post("/sign-in", data={"password": PASSWORD}).status_code == 403


def test_a_sign_in_is_not_a_place_to_put_megabytes(client: TestClient) -> None:
    assert client.post("/sign-in", content=b"x" * 100_000).status_code == 413


def test_probes_and_the_api_have_rules_of_their_own(client: TestClient) -> None:
    assert client.get("/healthz").text == "inside"
    assert client.get("/v1/health").text == "inside"


def test_a_hub_with_a_password_listens_everywhere_and_asks_for_it(new_hub: Callable[..., HubProcess]) -> None:
    hub = new_hub(SCALIX_HOST="0.0.0.0", SCALIX_PASSWORD="secret", SCALIX_INGEST_TOKEN="token")
    url, token = (address := hub.start()).url, address.token
    refused = {
        "page": httpx.get(url),
        "assets": httpx.get(f"{url}/_stcore/host-config"),
        "health": httpx.get(f"{url}/v1/health"),
        "metrics": httpx.get(f"{url}/metrics"),
        "health with the ingest token": httpx.get(f"{url}/v1/health", headers={"Authorization": "Bearer token"}),
        "spool": httpx.post(f"{url}/v1/ingest/segments/a.seg?offset=0"),
        "spool with the password": httpx.post(
            f"{url}/v1/ingest/segments/a.seg?offset=0", headers={"Authorization": "Bearer secret"}
        ),
    }

    assert {name: answer.status_code for name, answer in refused.items()} == dict.fromkeys(refused, 401)
    assert httpx.get(f"{url}/healthz").status_code in {200, 503}
    assert httpx.get(url, headers=basic("secret")).status_code == 200
    assert "litellm_spend_metric" in httpx.get(f"{url}/metrics", headers={"Authorization": "Bearer secret"}).text
    assert httpx.get(f"{url}/v1/health", headers={"Authorization": f"Bearer {token}"}).status_code == 200
