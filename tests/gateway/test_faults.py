"""Providers that go wrong: what the client is told, that nothing stays reserved, and that the attempt is recorded."""

from __future__ import annotations

import random
import string
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.collector.conftest import attempts
from tests.gateway.conftest import BROKEN_STREAMS, LEAKS
from tests.gateway.running import HTTP, MESSAGES, Gateway

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future

    import httpx

    from tests.gateway.faulty import FaultyProvider

FAILING = {
    "limited": {429},
    "err500": {500},
    "hang": {408, 504},
    "reset": {500, 502, 503},
    "nojson": {500, 502},
    "err200": {400, 500, 502, 503},
}


@pytest.fixture(scope="module", autouse=True)
def endless(gateway: Gateway) -> Iterator[tuple[str, Future[httpx.Response]]]:
    """A call whose answer never ends, begun before the other tests of this module."""
    key = gateway.key(1, alias="fault-endless-body")
    with ThreadPoolExecutor(1) as pool:
        yield key, pool.submit(gateway.post, key, model="endless-body")


@pytest.mark.parametrize("fault", FAILING)
def test_a_fault_is_told_settled_and_recorded(gateway: Gateway, fault: str) -> None:
    key = gateway.key(1, alias=f"fault-{fault}")
    answer = gateway.post(key, model=fault)
    assert answer.status_code in FAILING[fault], answer.text
    assert answer.json()["error"]["message"]
    if fault == "limited":
        assert answer.headers["retry-after"] == "7"
    account = gateway.settled(key).account
    assert account.spent_usd <= 1
    (row,) = [row for row in attempts(gateway.folder.spool) if row.get("key_alias") == f"fault-{fault}"]
    assert row["status"] == "failure"
    assert row["error_kind"] not in {None, "rejected"}


@dataclass(frozen=True)
class Streamed:
    """A stream that went wrong: its key, what came of it, and how often the provider was asked."""

    key: str
    told: bytes
    attempts: int


@pytest.fixture(scope="module")
def streams(gateway: Gateway, faulty: FaultyProvider) -> dict[str, Streamed]:
    """One stream of each kind, all at once: some are settled only once LiteLLM can be taken to say nothing more."""
    seen = len(faulty.hits)

    def streamed(fault: str) -> tuple[str, bytes]:
        key = gateway.key(1, alias=f"stream-{fault}")
        body: dict[str, Any] = {"model": f"stream-{fault}", "messages": MESSAGES, "max_tokens": 50, "stream": True}
        headers, address = {"Authorization": f"Bearer {key}"}, f"{gateway.base}/v1/chat/completions"
        with HTTP.stream("POST", address, json=body, headers=headers) as answer:
            return key, answer.read()

    with ThreadPoolExecutor(len(BROKEN_STREAMS)) as pool:
        found = list(pool.map(streamed, BROKEN_STREAMS))
    asked = [hit.behaviour for hit in faulty.hits[seen:]]
    return {
        fault: Streamed(key, told, asked.count(fault)) for fault, (key, told) in zip(BROKEN_STREAMS, found, strict=True)
    }


@pytest.mark.parametrize("fault", BROKEN_STREAMS)
def test_a_stream_that_goes_wrong_ends_and_is_not_begun_again(
    gateway: Gateway, streams: dict[str, Streamed], fault: str
) -> None:
    stream = streams[fault]
    assert stream.attempts == 1, "no second attempt"
    # What is no stream at all LiteLLM takes for an empty one.
    assert b'"error"' in stream.told or fault in {"nojson", "err200"}
    assert fault != "late-cut" or b'"content":"a"' in stream.told
    spent = gateway.settled(stream.key).account.spent_usd
    assert fault != "late-cut" or spent > 0, "what was streamed is paid for"
    rows = [row for row in attempts(gateway.folder.spool) if row.get("key_alias") == f"stream-{fault}"]
    assert len(rows) == 1


def _secrets(count: int) -> list[str]:
    """Made-up credentials of many kinds, none of them twice."""
    draw = random.Random(8)

    def some(length: int, alphabet: str = string.ascii_letters + string.digits) -> str:
        return "".join(draw.choices(alphabet, k=length))

    kinds = [
        lambda: ("sk-" + some(32),) * 2,
        lambda: ("sk-ant-api03-" + some(40),) * 2,
        lambda: ("AIza" + some(35),) * 2,
        lambda: ("AKIA" + some(16, string.ascii_uppercase + string.digits),) * 2,
        lambda: ("ghp_" + some(36),) * 2,
        lambda: (f"eyJ{some(20)}.eyJ{some(30)}.{some(24)}",) * 2,
        lambda: (word := some(28), f"Authorization: Bearer {word}"),
        lambda: (word := some(24), f"https://user:{word}@provider.example/v1"),
        lambda: (word := some(30), f"https://provider.example/v1?key={word}"),
        lambda: (word := some(26), f'{{"api_key": "{word}"}}'),
    ]
    return [draw.choice(kinds)() for _ in range(count)]  # type: ignore[misc]  # pairs: the secret, and how it is told


def _written(gateway: Gateway, *but: str) -> bytes:
    """All that lies in the folder. The hub goes on meanwhile, and replaces files of the lake."""
    found = []
    for path in gateway.folder.root.rglob("*"):
        with suppress(FileNotFoundError, IsADirectoryError):
            found.append(b"" if path.name in but else path.read_bytes())
    return b"".join(found)


def test_of_500_secrets_in_errors_none_gets_out(gateway: Gateway, faulty: FaultyProvider) -> None:
    pairs: Any = _secrets(475)
    known = [("sk-upstream-0123456789", f"invalid: sk-upstream-0123456789 ({number})") for number in range(25)]
    faulty.planted = [told for _, told in [*pairs, *known]]
    key, answers = gateway.key(1, alias="leaking"), []
    for number in range(100):
        # A deployment that has just failed rests for a moment, and is not asked.
        answers.append(gateway.post(key, model=f"leak{LEAKS[number % len(LEAKS)]}", stream=number % 2 == 0))
        if not faulty.planted:
            break
    assert faulty.planted == []
    assert all(answer.status_code >= 400 for answer in answers)
    gateway.settled(key)
    shown = b"".join(answer.content + repr(answer.headers).encode() for answer in answers)
    disk = _written(gateway, "config.yaml")
    planted = [secret.encode() for secret, _ in pairs]
    assert len(planted) + len(known) == 500
    assert [secret for secret in planted if secret in shown or secret in disk] == []
    without_configuration = _written(gateway, "config.yaml", "gateway.yaml")
    assert b"sk-upstream-0123456789" not in shown + without_configuration


def test_an_answer_that_never_ends_is_broken_off(gateway: Gateway, endless: tuple[str, Future[httpx.Response]]) -> None:
    key, asked = endless
    answer = asked.result(60)
    assert (answer.status_code, answer.json()["error"]["type"]) == (504, "timeout_error")
    assert gateway.settled(key).account.spent_usd > 0, "the provider may charge for it; the ledger will tell"
    assert [row["kinds"] for row in attempts(gateway.folder.spool) if row.get("key_alias") == "fault-endless-body"]
