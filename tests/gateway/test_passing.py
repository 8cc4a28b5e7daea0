"""What passes the door on its way to the client: answers as they are, errors without secrets, however they are cut."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scalix.gateway.passing import Sending

if TYPE_CHECKING:
    from starlette.types import Message

SECRET = "sk-0123456789abcdef"
OWN = "house-key-7"
JSON = [(b"content-type", b"application/json")]
EVENTS = [(b"content-type", b"text/event-stream; charset=utf-8")]


def passed(status: int, headers: list[tuple[bytes, bytes]], *pieces: bytes) -> tuple[Sending, list[Message]]:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    sending = Sending(send, lambda: [OWN], lambda: "7")

    async def run() -> None:
        await sending({"type": "http.response.start", "status": status, "headers": headers})
        for number, piece in enumerate(pieces):
            more = number < len(pieces) - 1
            await sending({"type": "http.response.body", "body": piece, "more_body": more})

    asyncio.run(run())
    return sending, sent


def body(sent: list[Message]) -> bytes:
    return b"".join(message["body"] for message in sent if message["type"] == "http.response.body")


@given(st.integers(0, 80), st.sampled_from([SECRET, OWN, "ghp_0123456789abcdef0123", "Bearer 0123456789abcdef"]))
def test_no_secret_hides_between_two_pieces_or_behind_an_escape(cut: int, secret: str) -> None:
    whole = json.dumps({"error": {"message": f"no:\n{secret}\t{secret}"}}).encode()
    sending, sent = passed(500, JSON, whole[:cut], whole[cut:])
    assert secret.removeprefix("Bearer ").encode() not in body(sent)
    assert json.loads(body(sent))["error"]["message"].startswith("no:")
    headers: dict[bytes, bytes] = dict(sent[0]["headers"])
    assert (int(headers[b"content-length"]), headers[b"retry-after"]) == (len(body(sent)), b"7")
    assert (sending.answered, sending.over) == (False, True)


def test_the_providers_own_retry_after_stays_and_its_headers_lose_secrets() -> None:
    given_ = [*JSON, (b"Retry-After", b"3"), (b"llm_provider-x", f"key {SECRET}".encode())]
    _, sent = passed(429, given_, b"{}")
    headers: dict[bytes, bytes] = dict(sent[0]["headers"])
    assert headers[b"Retry-After"] == b"3"
    assert b"retry-after" not in headers
    assert SECRET.encode() not in headers[b"llm_provider-x"]


def test_what_is_no_json_is_scrubbed_as_text() -> None:
    assert SECRET.encode() not in body(passed(502, JSON, f"<html>{SECRET}".encode())[1])


def test_an_answer_that_speaks_of_errors_and_keys_is_left_alone() -> None:
    said = b'data: {"choices": [{"delta": {"content": "\\"error\\": sk-0123456789abcdef"}}]}\n\n'
    sending, sent = passed(200, EVENTS, said, b"data: [DONE]\n\n")
    assert body(sent) == said + b"data: [DONE]\n\n"
    assert (sending.answered, sending.broken) == (True, False)
    assert body(passed(200, JSON, SECRET.encode())[1]) == SECRET.encode()


@pytest.mark.parametrize("before", [b"", b'data: {"choices": []}\n\n'])
@pytest.mark.parametrize(
    "event",
    [
        {"error": {"message": f"\n{SECRET}"}},
        {"type": "error", "error": {"message": SECRET}},
        {"type": "response.failed", "response": {"error": {"message": SECRET}}},
    ],
)
def test_an_error_in_a_stream_is_scrubbed_and_known(before: bytes, event: dict[str, Any]) -> None:
    told = b"data: " + json.dumps(event).encode() + b"\n\n"
    sending, sent = passed(200, EVENTS, *([before] if before else []), told)
    assert SECRET.encode() not in body(sent)
    assert body(sent).startswith(before)
    assert json.loads(body(sent)[len(before) :].removeprefix(b"data:")).keys() == event.keys()
    assert (sending.answered, sending.broken) == (bool(before), bool(before))
