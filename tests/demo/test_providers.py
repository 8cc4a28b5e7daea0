"""The fake providers themselves: faults, quota, the log, and the same luck from the same seed."""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest

from scalix.demo.providers import faults
from scalix.demo.providers.process import fake_providers
from scalix.demo.providers.server import take_request
from scalix.demo.traffic.trace import arrivals
from scalix.errors import DemoError
from tests.hub.running import eventually

if TYPE_CHECKING:
    from pathlib import Path

    from scalix.demo.providers.process import FakeProviders

PROMPT = [{"role": "user", "content": "Say something short about rivers."}]


def ask(providers: FakeProviders, name: str, **body: Any) -> dict[str, Any]:
    """One chat completion, without LiteLLM."""
    given = {"model": "gpt-4o-mini", "messages": PROMPT} | body
    answered = urllib.request.urlopen(
        urllib.request.Request(f"{providers.api_base(name)}/chat/completions", json.dumps(given).encode()), timeout=10
    )
    found: dict[str, Any] = json.loads(answered.read())
    return found


def refused(providers: FakeProviders, name: str, **body: Any) -> urllib.error.HTTPError:
    with pytest.raises(urllib.error.HTTPError) as caught:
        ask(providers, name, **body)
    return caught.value


def test_the_same_seed_counts_the_same_tokens(tmp_path: Path) -> None:
    usages = []
    for seed, folder in ((1, "a"), (1, "b"), (2, "c")):
        with fake_providers(tmp_path / folder, seed=seed, profile="lively") as running:
            usages.append([ask(running, "openai", user=str(n)).get("usage") for n in range(12) if n != 7])
    assert usages[0] == usages[1] != usages[2]


def test_faults_by_control_come_in_their_order(providers: FakeProviders) -> None:
    providers.control("openai-queue", faults=("503", "429:7"))
    assert refused(providers, "openai-queue").code == 503
    limited = refused(providers, "openai-queue")
    assert (limited.code, limited.headers["retry-after"]) == (429, "7")
    assert ask(providers, "openai-queue")["object"] == "chat.completion"
    eventually(lambda: not providers.in_flight())
    logged = [(request.outcome, request.status) for request in providers.requests("openai-queue")]
    assert logged == [("error", 503), ("error", 429), ("answered", 200)]


def test_a_model_name_asks_for_a_fault(providers: FakeProviders) -> None:
    assert refused(providers, "openai-named", model="fake-context").code == 400
    with pytest.raises((ConnectionError, http.client.HTTPException, urllib.error.URLError)):
        ask(providers, "openai-named", model="fake-reset")


def test_a_quota_refuses_what_exceeds_it(providers: FakeProviders) -> None:
    providers.control("openai-quota", profile={"quota": 2, "quota_window_s": 3600.0})
    assert [ask(providers, "openai-quota")["object"] for _ in range(2)] == ["chat.completion"] * 2
    assert int(refused(providers, "openai-quota").headers["retry-after"]) > 3000


def test_no_more_output_than_the_request_allows(providers: FakeProviders) -> None:
    assert ask(providers, "openai-limit", max_tokens=3)["usage"]["completion_tokens"] <= 3


def test_what_is_not_understood_is_refused_with_the_reason(providers: FakeProviders) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(f"{providers.url}/nobody/v1/chat/completions", b"{}", timeout=10)
    assert b"a name begins with one of" in caught.value.read()


def test_unknown_faults_are_refused() -> None:
    with pytest.raises(DemoError, match="unknown fault 'explode'"):
        faults.parse("explode")


def test_requests_are_taken_off_a_connection_whole() -> None:
    received = bytearray(b"POST /a?b=1 HTTP/1.1\r\nContent-Length: 3\r\n\r\nab")
    assert take_request(received) is None
    received += b"cPOST /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"
    first, second = take_request(received), take_request(received)
    assert first is not None
    assert second is not None
    assert (first.path, first.body, second.path, second.body) == ("/a", b"abc", "/c", b"hello")
    assert received == b""


def test_the_trace_is_squeezed_into_the_time_given() -> None:
    due = arrivals(200, 10.0)
    assert [arrival.at_s for arrival in due] == sorted(arrival.at_s for arrival in due)
    assert due[0].at_s == 0.0
    assert due[-1].at_s == pytest.approx(10.0)
    assert due[0].context_tokens == 4808
    with pytest.raises(DemoError, match="1 to 8819"):
        arrivals(8820, 10.0)
