"""LiteLLM Proxy in a process of its own, configured with the shim: what it hides is not hidden from us."""

from __future__ import annotations

import json
import socket
import subprocess
import time
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.collector.conftest import PYTHON, environment, events, until
from tests.collector.recorded import Recorded

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.collector.fake_provider import FakeProvider

KEY = "sk-master-0123456789abcdef0123456789abcdef"
PROMPT = "a question long enough that its bytes bound the tokens which the provider makes up " * 3
CHAT: dict[str, Any] = {"messages": [{"role": "user", "content": PROMPT}], "max_tokens": 100}
GROUPS = {
    "ok": "ok",
    "flaky": "flaky-1-proxy",
    "flaky-stream": "flaky-1-proxy-stream",
    "failing": "err500",
    "limited": "err429",
    "dead": "err500",
    "hanging": "hang",
    "slow": "slow",
    "endless": "endless",
    "cut": "cut",
}
FALLBACKS = {"failing": ["ok"], "dead": ["limited"]}


class Proxy(Recorded):
    """A running proxy and what it has recorded."""

    def __init__(self, base: str, spool: Path, provider: FakeProvider) -> None:
        super().__init__(provider, spool)
        self.base = base
        self.client = httpx.Client(base_url=base, headers={"Authorization": f"Bearer {KEY}"}, timeout=30)

    def post(self, path: str, model: str, **body: Any) -> httpx.Response:
        return self.client.post(path, json={"model": model, **body})


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, provider: FakeProvider) -> Iterator[Proxy]:
    folder = tmp_path_factory.mktemp("proxy")
    config = {
        "model_list": [
            {
                "model_name": group,
                "litellm_params": {
                    "model": "openai/gpt-4o-mini",
                    "api_base": provider.at(behaviour),
                    "api_key": "sk-upstream",
                    "timeout": 0.5 if group == "hanging" else 20,
                },
                "model_info": {"id": f"dep-{group}"},
            }
            for group, behaviour in GROUPS.items()
        ],
        "litellm_settings": {
            "callbacks": ["scalix.litellm_callback.collector"],
            "num_retries": 1,
            "fallbacks": [{group: others} for group, others in FALLBACKS.items()],
        },
        "general_settings": {"master_key": KEY},
    }
    (folder / "config.yaml").write_text(json.dumps(config))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = "from litellm import run_server; run_server()"
    options = ["--config", str(folder / "config.yaml"), "--host", "127.0.0.1", "--port", str(port)]
    log = (folder / "log").open("wb")
    process = subprocess.Popen(
        [PYTHON, "-c", command, *options], env=environment(folder / "spool"), stdout=log, stderr=log, cwd=folder
    )
    try:
        until(lambda: process.poll() is not None or answers(f"http://127.0.0.1:{port}/health/liveliness"), 120)
        assert process.poll() is None, (folder / "log").read_text()[-3000:]
        yield Proxy(f"http://127.0.0.1:{port}", folder / "spool", provider)
    finally:
        process.terminate()
        process.wait(30)


def answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2).status_code == 200
    except httpx.HTTPError:
        return False


@pytest.fixture
def proxy(running: Proxy) -> Proxy:
    running.begin()
    return running


pytestmark = pytest.mark.timeout(240)
PATHS: dict[str, tuple[str, dict[str, Any]]] = {
    "chat": ("/v1/chat/completions", CHAT),
    "embeddings": ("/v1/embeddings", {"input": [PROMPT]}),
    "responses": ("/v1/responses", {"input": PROMPT, "max_output_tokens": 100}),
    "messages": ("/v1/messages", CHAT),
}
STREAMING = ["chat", "responses", "messages"]


def test_one_collector_writes_one_segment(proxy: Proxy) -> None:
    proxy.post("/v1/chat/completions", "ok", **CHAT)
    proxy.expect("success")
    assert len(events(proxy.spool, "process")) == 1
    until(lambda: "success" in proxy.rows[0]["kinds"])
    kinds = [event["kind"] for event in events(proxy.spool) if event.get("started_us", 0) >= proxy.start]
    assert sorted(kinds) == ["answered", "opened", "success"]


@pytest.mark.parametrize("kind", PATHS)
def test_success(kind: str, proxy: Proxy) -> None:
    path, body = PATHS[kind]
    assert proxy.post(path, "ok", **body).status_code == 200
    (row,) = proxy.expect("success")
    assert (row["model_group"], row["deployment_id"]) == ("ok", "dep-ok")
    assert row["user_id"] == "default_user_id"


@pytest.mark.parametrize("kind", STREAMING)
def test_stream(kind: str, proxy: Proxy) -> None:
    path, body = PATHS[kind]
    with proxy.client.stream("POST", path, json={"model": "ok", "stream": True, **body}) as response:
        assert b"a" in response.read()
    (row,) = proxy.expect("success")
    assert (row["streaming"], row["tokens_source"]) == (True, "reported")


@pytest.mark.parametrize("group", ["flaky", "flaky-stream"])
def test_a_retry_that_the_proxy_hides(group: str, proxy: Proxy) -> None:
    response = proxy.post("/v1/chat/completions", group, **CHAT, stream=group == "flaky-stream")
    assert response.status_code == 200
    first, second = proxy.expect("failure", "success")
    assert (first["error_kind"], first["retry"], second["retry"]) == ("server", 0, 1)
    assert first["trace_id"] == second["trace_id"]


def test_a_fallback_after_a_retry(proxy: Proxy) -> None:
    """LiteLLM's own events tell of two attempts here, under one call id; the provider saw three."""
    assert proxy.post("/v1/chat/completions", "failing", **CHAT).status_code == 200
    rows = proxy.expect("failure", "failure", "success")
    assert [row["model_group"] for row in rows] == ["failing", "failing", "ok"]
    moved = [event for event in events(proxy.spool, "fallback") if event["at_us"] >= proxy.start]
    assert [(event["original_model_group"], event["model_group"]) for event in moved] == [("failing", "ok")]


def test_all_failed(proxy: Proxy) -> None:
    assert proxy.post("/v1/chat/completions", "dead", **CHAT).status_code in {429, 500}
    until(lambda: len(proxy.rows) >= 3)
    rows = proxy.expect(*["failure"] * len(proxy.hits))
    assert {row["error_kind"] for row in rows} == {"server", "rate_limit"}


def test_a_timeout(proxy: Proxy) -> None:
    assert proxy.post("/v1/chat/completions", "hanging", **CHAT).status_code == 408
    rows = proxy.expect("failure", "failure")
    assert {row["error_kind"] for row in rows} == {"timeout"}


def test_a_stream_broken_by_the_provider(proxy: Proxy) -> None:
    with proxy.client.stream("POST", "/v1/chat/completions", json={"model": "cut", "stream": True, **CHAT}) as response:
        response.read()
    rows = proxy.expect(*["failure"] * len(proxy.hits))
    assert {row["error_kind"] for row in rows} <= {"network", "server"}


def test_a_client_that_walks_away_from_a_stream(proxy: Proxy) -> None:
    body = {"model": "endless", "stream": True, **CHAT}
    with proxy.client.stream("POST", "/v1/chat/completions", json=body) as response:
        next(response.iter_raw())
    proxy.expect("cancelled")
    until(lambda: "tokens_source" in proxy.rows[0])
    (row,) = proxy.rows
    assert (row["error_kind"], row["tokens_source"]) == ("client_disconnect", "estimated")
    assert row["input_tokens_high"] >= proxy.hits[0].usage["input"]


def test_a_client_that_walks_away_before_the_answer(proxy: Proxy) -> None:
    with pytest.raises(httpx.ReadTimeout):
        proxy.client.post("/v1/chat/completions", json={"model": "slow", **CHAT}, timeout=0.1)
    until(lambda: (proxy.rows and proxy.rows[0]["kinds"] - {"opened"}) or len(proxy.hits) == 1)
    until(lambda: len(proxy.rows) == 1)
    assert proxy.rows[0]["status"] in {"cancelled", "success"}


def test_a_refusal_reaches_no_provider(proxy: Proxy) -> None:
    refused = httpx.post(f"{proxy.base}/v1/chat/completions", json={"model": "ok", **CHAT}, timeout=20)
    assert refused.status_code >= 400
    unknown = proxy.post("/v1/chat/completions", "no-such-model", **CHAT)
    assert unknown.status_code in {400, 404}
    time.sleep(0.5)
    assert proxy.hits == []
    assert all(row["upstream"] is False and row["error_kind"] == "rejected" for row in proxy.rows), proxy.rows


def test_health_checks_are_marked(proxy: Proxy) -> None:
    proxy.client.get("/health", params={"model": "ok"})
    until(lambda: proxy.rows and "answered" in proxy.rows[0]["kinds"])
    assert "health_check" in proxy.rows[0]["flags"]


def test_no_key_and_no_prompt_on_disk(running: Proxy) -> None:
    disk = b"".join(path.read_bytes() for path in running.spool.iterdir())
    for secret in (KEY.encode(), b"sk-upstream", PROMPT[:40].encode()):
        assert secret not in disk
