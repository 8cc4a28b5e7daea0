"""Scalix Pro behind LiteLLM Proxy, named in its configuration: each call asks once, streams included."""

from __future__ import annotations

import json
import socket
import subprocess
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from scalix.demo.providers.wire.scalix_pro import CLOSING, OPENING, THOUGHT
from tests.collector.conftest import PYTHON, attempts, environment, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from scalix.demo.providers.process import FakeProviders

pytestmark = pytest.mark.timeout(240)
KEY = "sk-master-0123456789abcdef0123456789abcdef"
CONFIG = {
    "model_list": [
        {
            "model_name": "app",
            "litellm_params": {
                "model": "scalix-pro/gemini-2.5-flash",
                "api_key": "os.environ/SCALIX_PRO_API_KEY",
                "allowed_openai_params": ["thinking"],
            },
        }
    ],
    "litellm_settings": {
        "callbacks": ["scalix.litellm_callback.collector"],
        "custom_provider_map": [{"provider": "scalix-pro", "custom_handler": "scalix.scalix_pro.provider"}],
    },
    "general_settings": {"master_key": KEY},
}
CHAT: dict[str, Any] = {"model": "app", "messages": [{"role": "user", "content": "hi"}], "max_tokens": 9}


@pytest.fixture(scope="module")
def spool(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pro-proxy") / "spool"


@pytest.fixture(scope="module")
def client(spool: Path, providers: FakeProviders) -> Iterator[httpx.Client]:
    folder = spool.parent
    (folder / "config.yaml").write_text(json.dumps(CONFIG))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    variables = environment(spool) | {
        "SCALIX_PRO_API_KEY": "scalix_secret",
        "SCALIX_PRO_ENGINE_URL": providers.api_base("engine-proxy"),
        "SCALIX_PRO_GATEWAY_URL": providers.api_base("gateway-proxy"),
    }
    options = ["--config", "config.yaml", "--host", "127.0.0.1", "--port", str(port)]
    command = [PYTHON, "-c", "from litellm import run_server; run_server()", *options]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, env=variables, stdout=log, stderr=log, cwd=folder)
    try:
        base = f"http://127.0.0.1:{port}"
        until(lambda: process.poll() is not None or _answers(f"{base}/health/liveliness"), 120)
        assert process.poll() is None, (folder / "log").read_text()[-3000:]
        yield httpx.Client(base_url=base, headers={"Authorization": f"Bearer {KEY}"}, timeout=30)
    finally:
        process.kill()
        process.wait(30)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2).status_code == 200
    except httpx.HTTPError:
        return False


def test_an_answer_comes_from_the_gateway(client: httpx.Client, providers: FakeProviders) -> None:
    answer = client.post("/v1/chat/completions", json={**CHAT, "user": "ada", "thinking": {"type": "enabled"}}).json()
    message = answer["choices"][0]["message"]
    (request,) = providers.requests("gateway-proxy")
    assert message["content"] == f"{OPENING}{'word ' * request.tokens.output}{CLOSING}"
    assert message["reasoning_content"] == THOUGHT * request.tokens.reasoning
    assert request.user == "ada"


def test_a_stream_comes_from_the_engine_and_is_asked_for_once(
    client: httpx.Client, providers: FakeProviders, spool: Path
) -> None:
    body = {**CHAT, "stream": True, "scalix_options": {"enable_smart_files_context": True}}
    with client.stream("POST", "/v1/chat/completions", json=body) as response:
        lines = [line.removeprefix("data: ") for line in response.iter_lines() if line.startswith("data: ")]
    deltas = [chunk["choices"][0]["delta"] for chunk in map(json.loads, lines[:-1]) if chunk["choices"]]
    (request,) = providers.requests("engine-proxy")
    assert lines[-1] == "[DONE]"
    assert "".join(delta.get("content") or "" for delta in deltas) == (
        f"{OPENING}{'word ' * request.tokens.output}{CLOSING}"
    )
    assert "".join(delta.get("reasoning_content") or "" for delta in deltas) == THOUGHT * request.tokens.reasoning
    recorded = (request.request_id, "success", request.tokens.output)
    until(
        lambda: recorded in [(row.get("response_id"), row["status"], row["output_tokens"]) for row in attempts(spool)]
    )
