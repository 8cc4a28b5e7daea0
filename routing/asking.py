"""What a request asks for, read from the arguments that LiteLLM's Router passes on."""

from __future__ import annotations

from typing import Any

import msgspec

CHARACTERS_PER_TOKEN = 4.0
"""Of English text, as tokenizers of language models cut it: an estimate, since counting exactly takes milliseconds."""
OPENING = 2_000
"""Characters of a conversation's first message by which it is recognised."""


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One request. ``conversation`` names what it continues; None when it stands alone."""

    trace: str | None = None
    conversation: str | int | None = None
    input_tokens: float = 1000.0
    most_output_tokens: float | None = None
    tools: bool = False
    vision: bool = False
    stream: bool = False


def request_of(arguments: dict[str, Any] | None, messages: Any) -> Request:
    """The request that these arguments make."""
    given = arguments or {}
    said = messages if isinstance(messages, list) else given.get("messages")
    said = said if isinstance(said, list) else []
    characters, pictured = _size(said)
    trace = given.get("litellm_trace_id")
    return Request(
        trace=trace if isinstance(trace, str) else None,
        conversation=_conversation(given, said),
        input_tokens=characters / CHARACTERS_PER_TOKEN if said else 1000.0,
        most_output_tokens=_positive(given.get("max_completion_tokens") or given.get("max_tokens")),
        tools=bool(given.get("tools")),
        vision=pictured,
        stream=given.get("stream") is True,
    )


def _size(messages: list[Any]) -> tuple[int, bool]:
    """Characters of all texts, and whether there is a picture among them."""
    characters, pictured = 0, False
    for message in messages:
        content = message.get("content") if isinstance(message, dict) else None
        if isinstance(content, str):
            characters += len(content)
        elif isinstance(content, list):
            for part in content:
                if isinstance(part, dict):
                    characters += len(part.get("text") or "")
                    pictured = pictured or part.get("type") in ("image_url", "image", "input_image")
    return characters, pictured


def _conversation(given: dict[str, Any], messages: list[Any]) -> str | int | None:
    metadata = given.get("metadata")
    named = given.get("litellm_session_id") or given.get("prompt_cache_key")
    if not named and isinstance(metadata, dict):
        named = metadata.get("session_id")
    if isinstance(named, str):
        return named
    if len(messages) > 2:  # noqa: PLR2004 - system, question: what comes after continues
        opening = messages[0].get("content") if isinstance(messages[0], dict) else None
        second = messages[1].get("content") if isinstance(messages[1], dict) else None
        if isinstance(opening, str) and isinstance(second, str):
            return hash((opening[:OPENING], second[:OPENING]))
    return None


def _positive(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and value > 0 else None
