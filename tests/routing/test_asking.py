"""What a request asks for is read from the Router's arguments, whatever they look like."""

from __future__ import annotations

from typing import Any

import pytest

from routing.asking import request_of

TEXT = [{"role": "user", "content": "x" * 400}]


def test_tokens_are_estimated_from_all_texts() -> None:
    parts = [{"type": "text", "text": "y" * 40}, {"type": "image_url", "image_url": {"url": "data:"}}]
    request = request_of({"litellm_trace_id": "t"}, [*TEXT, {"role": "user", "content": parts}])
    assert (request.trace, request.input_tokens, request.vision) == ("t", 110.0, True)


def test_needs_are_seen() -> None:
    request = request_of({"messages": TEXT, "tools": [{}], "stream": True, "max_tokens": 7}, None)
    assert (request.tools, request.stream, request.most_output_tokens, request.vision) == (True, True, 7.0, False)


@pytest.mark.parametrize(
    "arguments",
    [{"litellm_session_id": "s"}, {"prompt_cache_key": "s"}, {"metadata": {"session_id": "s"}}],
)
def test_a_conversation_is_known_by_its_name(arguments: dict[str, Any]) -> None:
    assert request_of(arguments, TEXT).conversation == "s"


def test_or_by_how_it_began() -> None:
    opening = [{"role": "system", "content": "be brief"}, {"role": "user", "content": "hi"}]
    assert request_of({}, opening).conversation is None
    later = request_of({}, [*opening, {"role": "assistant", "content": "hello"}]).conversation
    assert later is not None
    assert later == request_of({}, [*opening, *TEXT, *TEXT]).conversation
    assert later != request_of({}, [*TEXT, *TEXT, *TEXT]).conversation


@pytest.mark.parametrize(
    "messages", [None, [], "text", [None, 3, {"content": None}, {"content": [None, {"text": None}]}]]
)
def test_nothing_it_meets_makes_it_fail(messages: Any) -> None:
    assert request_of(None, messages).input_tokens >= 0
