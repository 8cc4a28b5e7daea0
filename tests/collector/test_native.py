"""The compiled module and the Python code write the same lines, byte for byte, or it leaves the line to the latter."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.answers import Answer
from collector.identity import Attempt
from collector.native import COMPILED, ordinary
from tests.collector.both_ways import (
    BODY,
    ENDED,
    NOW_NS,
    RECORDED,
    STARTED,
    TICKS_NS,
    USAGE,
    answered,
    call,
    ended,
    opened,
    payload,
    streamed,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from collector import usage

pytestmark = pytest.mark.skipif(not COMPILED, reason="the compiled module was not built here")
PLAIN = st.one_of(st.sampled_from(["one", "two words", "/slash/", 'a"b\\c', None, True]), st.integers(0, 150))
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 2**63),
    st.floats(),
    st.text(max_size=6),
    st.sampled_from(["", 'a"b\\c', "x" * 300, "openai/", "é", "line\nbreak", "\x7f", "\ud800", "https://u:p@h/v1?k=1"]),
    st.sampled_from(["User-Agent: x", "litellm-internal-health-check", "f" * 64, "reported", "anthropic_messages"]),
    st.sampled_from([STARTED, datetime(2026, 1, 1, tzinfo=UTC), datetime.min, b"bytes", object(), (), [], {}]),  # noqa: DTZ901  naive
    st.lists(st.sampled_from(["tag", "User-Agent: x", "litellm-internal-health-check", 7, "ü"]), max_size=3),
    st.dictionaries(st.sampled_from(["id", "content", "role", "cost", "usage_object"]), st.integers(0, 9), max_size=2),
)


def changed(*names: str) -> st.SearchStrategy[dict[str, Any]]:
    """Some of these, with values of any kind."""
    return st.dictionaries(st.sampled_from(names), st.one_of(PLAIN, PLAIN, ODD), max_size=2)


HOW = settings(max_examples=400, deadline=None)
IN_CALL = (
    "litellm_trace_id", "custom_llm_provider", "model", "call_type", "user", "stream", "messages", "input",
    "optional_params", "litellm_params", "api_call_start_time", "litellm_no_upstream_llm_call", "options__max_tokens",
    "options__n", "options__max_completion_tokens", "options__tools", "params__metadata", "params__api_base",
    "params__model_info", "params__litellm_metadata", "params__litellm_session_id", "own__model_group", "own__tags",
    "own__original_model_group", "own__attempted_retries", "own__attempted_fallbacks", "own__session_id",
    "own__scalix_user", "own__kept", "own__user_api_key_hash", "own__user_api_key", "own__user_api_key_alias",
    "own__user_api_key_user_id", "own__user_api_key_end_user_id", "own__user_api_key_team_id",
    "own__user_api_key_team_alias",
)  # fmt: skip


@given(changed(*IN_CALL))
@HOW
def test_a_call_is_opened_alike(odd: dict[str, Any]) -> None:
    details = call(**{name: value for name, value in odd.items() if name not in {"optional_params", "litellm_params"}})
    details |= {name: value for name, value in odd.items() if name in {"optional_params", "litellm_params"}}
    short, long = opened(details)
    assert short in (None, long)


@given(changed("id", "model", "choices"), changed("usage", "cost", *USAGE), changed("cached_tokens", "audio_tokens"))
@HOW
def test_an_answer_is_told_alike(odd: dict[str, Any], counts: dict[str, Any], details: dict[str, Any]) -> None:
    nested = {"prompt_tokens_details": {"cached_tokens": 40, **details}}
    body = json.dumps(BODY | {"usage": USAGE | nested | counts} | odd, default=str)
    short, long = answered(body)
    assert short in (None, long)


@given(
    changed("completion_start_time"),
    changed(*USAGE, "cost"),
    st.sampled_from(["chatcmpl-1", "", None, "é", 7]),
    st.sampled_from(["reported", "estimated"]),
)
@HOW
def test_the_end_of_a_stream_is_told_alike(
    odd: dict[str, Any], counts: dict[str, Any], name: Any, source: usage.Source
) -> None:
    short, long = streamed(call(**odd), Answer(name, "gpt-4o-mini", USAGE | counts), source)
    assert short in (None, long)


@given(
    changed("stream", "cache_hit", "completion_start_time", "call_type"),
    changed(*payload(), "stream", "prompt_tokens", "response_cost_failure_debug_info"),
    st.sampled_from([ENDED] * 9 + [None, 1_795_382_777.5, "now", datetime.max]),  # noqa: DTZ901  naive
    st.booleans(),
    st.sampled_from([None, {"usage": USAGE}, "text"]),
)
@HOW
def test_the_end_of_an_attempt_is_told_alike(
    odd: dict[str, Any], told: dict[str, Any], end: object, success: bool, response: object
) -> None:
    details = call(**odd) | {"standard_logging_object": payload(**told)}
    short, long = ended(details, end, success=success, response=response)
    assert short in (None, long)


def final(
    details: dict[str, Any] | None = None, success: bool = True, **told: Any
) -> tuple[bytes | None, bytes | None]:
    return ended(call(**(details or {})) | {"standard_logging_object": payload(**told)}, ENDED, success=success)


def using(**counts: Any) -> str:
    return json.dumps(BODY | {"usage": USAGE | counts})


OWN_ZERO = {"model_map_value": {"key": "own", "input_cost_per_token": 0.0, "output_cost_per_token": Decimal(0)}}
FREE = {"model_map_value": {"key": "mine", "input_cost_per_token": 0.0, "output_cost_per_token": 0.0}}


@pytest.mark.parametrize(
    "lines",
    [
        lambda: opened(call(own__tags=["User-Agent: curl/8", "mine"])),
        lambda: opened(call(own__tags=["a" * 200])),
        lambda: opened(call(user="device control \x12")),
        lambda: opened(call(user="x" * 257)),
        lambda: opened(call(own__attempted_retries=2**55)),
        lambda: opened(call(own__attempted_retries=True)),
        lambda: opened(call(options__max_tokens=2**60, options__n=9)),
        lambda: opened(call(options__tools=[{"type": "function"}])),
        lambda: opened(call(messages=[{"role": "user", "content": [{"type": "text", "text": "a"}]}])),
        lambda: opened(call(messages=[{"role": "user", "content": "a", "name": "b"}])),
        lambda: opened(call(messages=None, input=[5] * 20)),
        lambda: opened(call(messages=None, input=["a", 5])),
        lambda: opened(call(model="openai/")),
        lambda: opened(call(params__litellm_metadata={"model_group": "other"})),
        lambda: opened(call(litellm_no_upstream_llm_call=True)),
        lambda: answered(using(total_tokens=121)),
        lambda: answered(using(total_tokens=125)),
        lambda: answered(using(prompt_tokens=10, total_tokens=30)),
        lambda: answered(using(prompt_tokens=0, completion_tokens=0, total_tokens=0)),
        lambda: answered(using(prompt_tokens_details={"audio_tokens": 3})),
        lambda: answered(using(cost=0.00025)),
        lambda: answered(using(cost="0.00025")),
        lambda: answered(using(note="x" * 5000)),
        lambda: streamed(call(), Answer("a", "m", {**USAGE, "cost": 0.1}), "estimated"),
        lambda: streamed(call(), Answer("a", "m", {**USAGE, "note": None}), "reported"),
        lambda: final(response_cost=2.7e-12),
        lambda: final(response_cost=2e-13),
        lambda: final(response_cost=1e7),
        lambda: final(response_cost=float("nan")),
        lambda: final(response_cost=0.0, model_map_information=FREE),
        lambda: final(response_cost=0.0, model_map_information={}),
        lambda: final(response_cost=0.0, model_map_information=OWN_ZERO),
        lambda: final(cost_breakdown={"input_cost": 0.0, "note": "n"}),
        lambda: final(metadata={"usage_object": {"cost": "0.1"}}),
        lambda: final(hidden_params={"additional_headers": {"llm_provider-x-litellm-response-cost": "0.5"}}),
        lambda: final(error_information={"error_class": "Timeout", "error_message": "late"}),
        lambda: final({"stream": True, "call_type": "anthropic_messages"}),
        lambda: final({"cache_hit": True}),
        lambda: final(cache_hit=True),
        lambda: final(success=False),
        lambda: final(success=False, metadata={}, prompt_tokens=7),
    ],
)
def test_at_the_edges_they_agree(lines: Callable[[], tuple[bytes | None, bytes | None]]) -> None:
    short, long = lines()
    assert long is not None
    assert short in (None, long)


def test_what_had_to_be_made_up_is_left_to_the_python_code() -> None:
    attempt = Attempt("call-1", 5, flags=["no_start"])
    assert ordinary.opened(attempt, call(), (), lambda _: None, NOW_NS, TICKS_NS) is None


PROXY = {
    "own__user_api_key_hash": "0123456789abcdef" * 4,
    "own__user_api_key_alias": "frontend",
    "own__user_api_key_user_id": "user-1",
    "own__user_api_key_team_id": "team-1",
}


@pytest.mark.parametrize(
    "given_call",
    [
        {},
        {"stream": True},
        {"own__tags": None},
        {"params__metadata": None},
        PROXY,
        {"user": None},
        {"options__n": 3},
        {"own__kept": {"a": [1]}},
        {"messages": None, "input": ["to embed", "für uns"]},
        {"messages": None, "input": "to embed"},
    ],
    ids=str,
)
def test_ordinary_calls_take_the_short_way(given_call: dict[str, Any]) -> None:
    short, long = opened(call(**given_call))
    assert short == long is not None


@pytest.mark.parametrize("success", [True, False])
@pytest.mark.parametrize("cost", [2.4e-05, 0.0, None])
@pytest.mark.parametrize("stream", [True, False])
def test_ordinary_ends_take_the_short_way(success: bool, cost: float | None, stream: bool) -> None:
    used: dict[str, Any] = {} if success else {"metadata": {"usage_object": {}}}
    details = call(stream=stream) | {"standard_logging_object": payload(response_cost=cost, **used)}
    short, long = ended(details, ENDED, success=success)
    assert short == long is not None


@pytest.mark.parametrize("name", [name for name, told in RECORDED.items() if not told.get("cache_hit")])
def test_what_litellm_really_handed_over_takes_the_short_way(name: str) -> None:
    details = call() | {"standard_logging_object": RECORDED[name]}
    short, long = ended(details, ENDED, success=RECORDED[name]["status"] == "success")
    assert short == long is not None


def test_ordinary_answers_take_the_short_way() -> None:
    for made in (answered(json.dumps(BODY)), streamed(call(), Answer("a", "m", {**USAGE, "cost": 0.1}), "reported")):
        assert made[0] == made[1] is not None


@pytest.mark.parametrize(
    ("given_call", "event"),
    [
        ({"own__tags": ["litellm-internal-health-check"]}, {"flags": ["health_check"]}),
        ({"params__api_base": "https://user:secret@host/v1"}, {"api_base": "https://host/v1"}),
        ({"user": "new\nline"}, {"user_id": "new line"}),
        ({"own__user_api_key_hash": "sk-the-key-itself-where-its-hash-belongs"}, {}),
    ],
)
def test_what_needs_judgement_is_left_to_the_python_code(given_call: dict[str, Any], event: dict[str, Any]) -> None:
    short, long = opened(call(**given_call))
    assert short is None
    assert long is not None
    assert json.loads(long[11:]).items() >= event.items()
    assert b"sk-the-key" not in long


@pytest.mark.parametrize("arguments", [(), (1,), (None,) * 6, (None,) * 8, ({},) * 6, ({},) * 8])
def test_arguments_of_another_kind_are_nothing(arguments: tuple[Any, ...]) -> None:
    for function in (ordinary.opened, ordinary.answered, ordinary.streamed, ordinary.ended):
        assert function(*arguments) is None
