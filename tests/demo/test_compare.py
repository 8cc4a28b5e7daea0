"""The comparison: agreement is silent, and each way of differing is counted."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import msgspec
import pytest

from scalix.demo.compare import Comparison, compare, provider_id
from scalix.demo.providers.log import Request
from scalix.demo.providers.tokens import Tokens
from scalix.demo.recorded import Recorded

COUNTS = Tokens(input=10, cache_read=5, output=7)


def request(**changed: Any) -> Request:
    given: dict[str, Any] = {
        "request_id": "chatcmpl-1",
        "arrived_us": 1,
        "ended_us": 2,
        "provider": "openai",
        "endpoint": "chat",
        "model": "gpt-4o-mini",
        "streaming": False,
        "outcome": "answered",
        "status": 200,
        "has_id": True,
        "usage_sent": True,
        "tokens": COUNTS,
        "cost_pusd": 6_000_000,
    }
    return Request(**given | changed)


def recorded(**changed: Any) -> Recorded:
    given: dict[str, Any] = {
        "call_id": "c",
        "started_us": 1,
        "request_id": "r",
        "provider": "openai",
        "model": "gpt-4o-mini",
        "streaming": False,
        "status": "success",
        "response_id": "chatcmpl-1",
        "tokens": COUNTS,
        "reported": True,
        "cost_pusd": 6_000_000,
    }
    return Recorded(**given | changed)


FAILED = {"status": "failure", "response_id": None, "tokens": Tokens(), "reported": False, "cost_pusd": None}
REFUSED = {"outcome": "error", "usage_sent": False, "tokens": Tokens(), "cost_pusd": 0}


def differences(comparison: Comparison) -> dict[str, int]:
    """The counts that are not zero."""
    names = ("missing", "doubled", "labels_differ", "tokens_differ", "costs_differ", "out_of_bounds")
    return {name: getattr(comparison, name) for name in names if getattr(comparison, name)}


def test_both_sides_agree() -> None:
    requests = [
        request(),
        request(request_id="msg_2", provider="anthropic"),
        request(request_id="emb-3", has_id=False, endpoint="embeddings"),
        request(request_id="x-4", status=503, **REFUSED),
        request(request_id="x-5", status=429, **REFUSED),
        request(request_id="x-6", outcome="disconnected", usage_sent=False),
    ]
    attempts = [
        recorded(response_id="call-3"),
        recorded(**FAILED | {"error_code": "429"}),
        recorded(**FAILED | {"error_code": "503"}),
        recorded(**FAILED | {"status": "abandoned"}, input_high=100, output_high=50),
        recorded(provider="anthropic", response_id="chatcmpl-litellms-own"),
        recorded(),
    ]
    comparison = compare(requests, attempts)
    assert differences(comparison) == {}
    assert comparison.agrees
    assert comparison.unsettled_attempts == 3


@pytest.mark.parametrize("turned", [False, True])
def test_failures_alike_are_told_apart_by_streaming_and_moment(*, turned: bool) -> None:
    requests = [
        request(request_id="x-1", status=503, **REFUSED),
        request(request_id="x-2", status=503, streaming=True, **REFUSED),
        request(request_id="x-3", outcome="disconnected", usage_sent=False, arrived_us=9_000),
        request(request_id="x-4", outcome="answered", arrived_us=5_000),
    ]
    attempts = [
        recorded(**FAILED, started_us=5_001, output_high=7),
        recorded(**FAILED | {"error_code": "503", "streaming": True}),
        recorded(**FAILED | {"error_code": "503"}),
        recorded(**FAILED, started_us=8_999, output_high=9),
    ]
    assert differences(compare(requests, attempts[::-1] if turned else attempts)) == {}


@pytest.mark.parametrize(
    ("attempts", "expected"),
    [
        ([], {"missing": 1}),
        ([recorded(), recorded()], {"doubled": 1}),
        ([recorded(), recorded(call_id="d", response_id=None)], {"doubled": 1}),
        ([recorded(provider="azure", response_id=None)], {"missing": 1, "doubled": 1}),
        ([recorded(model="gpt-4o")], {"labels_differ": 1}),
        ([recorded(provider="")], {"labels_differ": 1}),
        ([recorded(cost_pusd=6_001_001)], {"costs_differ": 1}),
        ([recorded(cost_pusd=None)], {"costs_differ": 1}),
        ([recorded(tokens=msgspec.structs.replace(COUNTS, cache_read=6))], {"tokens_differ": 1}),
        ([recorded(reported=False)], {"tokens_differ": 1}),
        ([recorded(**FAILED, output_high=6)], {"out_of_bounds": 1}),
    ],
)
def test_every_difference_is_counted(attempts: list[Recorded], expected: dict[str, int]) -> None:
    comparison = compare([request()], attempts)
    assert differences(comparison) == expected
    assert not comparison.agrees
    assert comparison.examples


def test_a_model_nobody_bills_has_no_cost_rather_than_zero() -> None:
    local = request(cost_pusd=None)
    assert compare([local], [recorded(cost_pusd=None)]).agrees
    assert differences(compare([local], [recorded(cost_pusd=0)])) == {"costs_differ": 1}


def test_an_error_answer_is_no_success() -> None:
    comparison = compare([request(status=500, **REFUSED)], [recorded(response_id=None)])
    assert differences(comparison) == {"missing": 1, "doubled": 1}


def test_ids_packed_by_the_router_are_unpacked() -> None:
    packed = b64encode(b"litellm:custom_llm_provider:openai;model_id:m;response_id:resp_7").decode()
    assert provider_id(f"resp_{packed}") == "resp_7"
    assert provider_id("resp_7-1") == "resp_7-1"
    assert provider_id(None) is None
