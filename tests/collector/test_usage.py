"""Token classes are disjoint and add up to what was billed, whoever reports them."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector import answers
from collector.usage import USAGE_LIMIT, Tokens, of_json, read, record
from scalix.events import AttemptEvent

OPENAI = {
    "prompt_tokens": 100,
    "completion_tokens": 20,
    "total_tokens": 120,
    "prompt_tokens_details": {"cached_tokens": 40},
    "completion_tokens_details": {"reasoning_tokens": 5},
}
CASES: dict[str, tuple[dict[str, Any], Tokens]] = {
    "openai chat": (OPENAI, Tokens(input=60, read=40, output=15, reasoning=5)),
    "openai audio": (
        {
            **OPENAI,
            "prompt_tokens_details": {"cached_tokens": 40, "audio_tokens": 10},
            "completion_tokens_details": {"reasoning_tokens": 5, "audio_tokens": 8},
        },
        Tokens(input=50, read=40, audio_in=10, output=7, reasoning=5, audio_out=8),
    ),
    "openai embedding": ({"prompt_tokens": 9, "total_tokens": 9}, Tokens(input=9)),
    "openai responses": (
        {
            "input_tokens": 100,
            "output_tokens": 20,
            "total_tokens": 120,
            "input_tokens_details": {"cached_tokens": 40},
            "output_tokens_details": {"reasoning_tokens": 5},
        },
        Tokens(input=60, read=40, output=15, reasoning=5),
    ),
    "openai image": (
        {
            "input_tokens": 50,
            "output_tokens": 4000,
            "total_tokens": 4050,
            "input_tokens_details": {"text_tokens": 10, "image_tokens": 40},
            "output_tokens_details": {"image_tokens": 4000},
        },
        Tokens(input=10, image_in=40, output=0, image_out=4000),
    ),
    "openai transcription": (
        {"type": "tokens", "input_tokens": 14, "input_token_details": {"audio_tokens": 14}, "output_tokens": 45},
        Tokens(input=0, audio_in=14, output=45),
    ),
    "anthropic": (
        {
            "input_tokens": 60,
            "cache_read_input_tokens": 40,
            "cache_creation_input_tokens": 30,
            "cache_creation": {"ephemeral_5m_input_tokens": 20, "ephemeral_1h_input_tokens": 10},
            "output_tokens": 20,
        },
        Tokens(input=60, read=40, write_5m=20, write_1h=10, output=20),
    ),
    "anthropic without the split": (
        {"input_tokens": 60, "cache_creation_input_tokens": 30, "output_tokens": 20},
        Tokens(input=60, write_5m=30, output=20),
    ),
    "anthropic through litellm": (
        {
            "prompt_tokens": 130,
            "completion_tokens": 20,
            "total_tokens": 150,
            "prompt_tokens_details": {
                "cached_tokens": 40,
                "cache_creation_tokens": 30,
                "cache_creation_token_details": {"ephemeral_5m_input_tokens": 20, "ephemeral_1h_input_tokens": 10},
            },
            "cache_creation_input_tokens": 30,
            "cache_read_input_tokens": 40,
        },
        Tokens(input=60, read=40, write_5m=20, write_1h=10, output=20),
    ),
    "gemini": (
        {
            "promptTokenCount": 100,
            "cachedContentTokenCount": 40,
            "candidatesTokenCount": 15,
            "thoughtsTokenCount": 5,
            "totalTokenCount": 120,
            "promptTokensDetails": [
                {"modality": "TEXT", "tokenCount": 90},
                {"modality": "AUDIO", "tokenCount": 10},
            ],
        },
        Tokens(input=50, read=40, audio_in=10, output=15, reasoning=5),
    ),
    "bedrock": (
        {"inputTokens": 60, "outputTokens": 20, "cacheReadInputTokens": 40, "cacheWriteInputTokens": 30},
        Tokens(input=60, read=40, write_5m=30, output=20),
    ),
    "reasoning beside the completion": (
        {
            "prompt_tokens": 10,
            "completion_tokens": 4,
            "total_tokens": 20,
            "completion_tokens_details": {"reasoning_tokens": 6},
        },
        Tokens(input=10, output=4, reasoning=6),
    ),
    "deepseek": (
        {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120, "prompt_cache_hit_tokens": 64},
        Tokens(input=36, read=64, output=20),
    ),
}


@pytest.mark.parametrize("shape", CASES)
def test_classes_are_disjoint(shape: str) -> None:
    usage, expected = CASES[shape]
    assert read(usage) == expected


@pytest.mark.parametrize("shape", CASES)
def test_classes_add_up_to_the_total(shape: str) -> None:
    usage, _ = CASES[shape]
    tokens = read(usage)
    assert tokens is not None
    total = usage.get("total_tokens") or usage.get("totalTokenCount")
    if total:
        everything = (tokens.input or 0) + tokens.read + (tokens.output or 0) + tokens.reasoning + tokens.rare
        assert everything == total


def test_zeros_are_litellms_way_of_saying_nothing() -> None:
    assert read({"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}) is None


@pytest.mark.parametrize("usage", [None, {}, "text", 7, {"seconds": 3}, {"prompt_tokens": -1}, {"prompt_tokens": True}])
def test_what_holds_no_counts_is_left_unknown(usage: object) -> None:
    event = AttemptEvent(kind="answered", call_id="c", started_us=1, at_us=1)
    assert not record(event, usage, "reported")
    assert (event.input_tokens, event.tokens_source, event.usage) == (None, None, None)


def test_counts_that_contradict_each_other_are_flagged() -> None:
    event = AttemptEvent(kind="answered", call_id="c", started_us=1, at_us=1)
    contradiction = {"prompt_tokens": 10, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 40}}
    assert record(event, contradiction, "reported")
    assert (event.input_tokens, event.cache_read_tokens, event.flags) == (10, 40, ["tokens_inconsistent"])


def test_objects_are_read_like_mappings() -> None:
    class Details:
        def __init__(self) -> None:
            self.cached_tokens = 40

    class Usage:
        def __init__(self) -> None:
            self.prompt_tokens, self.completion_tokens, self.total_tokens = 100, 20, 120
            self.prompt_tokens_details = Details()

    event = AttemptEvent(kind="answered", call_id="c", started_us=1, at_us=1)
    assert record(event, Usage(), "reported")
    assert (event.input_tokens, event.cache_read_tokens) == (60, 40)
    assert event.usage is not None
    assert '"cached_tokens":40' in event.usage


def test_a_usage_object_too_long_to_keep_is_counted_all_the_same() -> None:
    body = msgspec.json.encode({"id": "x", "usage": OPENAI | {"note": "n" * USAGE_LIMIT}})
    answer = answers.read(body)
    assert answer is not None
    event = AttemptEvent(kind="answered", call_id="c", started_us=1, at_us=1)
    assert record(event, answer.usage, "reported", answer.usage_text)
    assert (event.input_tokens, event.usage) == (60, None)


COUNTS = st.sampled_from([0, 0, 7, 40, 200, -1, None])


def optional(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=fields)


USAGES = optional(
    prompt_tokens=COUNTS,
    completion_tokens=COUNTS,
    total_tokens=COUNTS,
    prompt_tokens_details=st.none() | optional(cached_tokens=COUNTS, audio_tokens=COUNTS, cache_creation_tokens=COUNTS),
    completion_tokens_details=st.none() | optional(reasoning_tokens=COUNTS, audio_tokens=COUNTS),
    cost=st.just(0.5),
    cache_creation_input_tokens=COUNTS,
    cache_read_input_tokens=COUNTS,
    prompt_cache_hit_tokens=COUNTS,
)
SUM = {"prompt_tokens": 90, "completion_tokens": 20, "total_tokens": 110}


@settings(max_examples=1000, deadline=None)
@given(USAGES | USAGES.map(lambda usage: usage | SUM))
def test_the_short_way_agrees_with_the_long_one(usage: dict[str, Any]) -> None:
    tokens = read(usage)
    for form in (usage, of_json(msgspec.json.encode(usage))):
        event = AttemptEvent(kind="answered", call_id="c", started_us=1, at_us=1)
        assert record(event, form, "reported") == (tokens is not None)
        assert tokens is None or _tokens(event) == tokens


def _tokens(event: AttemptEvent) -> Tokens:
    return Tokens(
        input=event.input_tokens,
        read=event.cache_read_tokens or 0,
        write_5m=event.cache_write_5m_tokens or 0,
        write_1h=event.cache_write_1h_tokens or 0,
        audio_in=event.audio_input_tokens or 0,
        image_in=event.image_input_tokens or 0,
        output=event.output_tokens,
        reasoning=event.reasoning_tokens or 0,
        audio_out=event.audio_output_tokens or 0,
        image_out=event.image_output_tokens or 0,
        consistent=not event.flags,
    )
