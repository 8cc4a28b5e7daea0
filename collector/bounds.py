"""How many tokens a call can have used at most, for calls whose usage never arrives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .values import count, mapping

if TYPE_CHECKING:
    from collections.abc import Mapping

PER_MESSAGE = 16
"""Tokens that a chat template adds around one message; common templates add 3 to 8."""
PER_CALL = 64
"""Tokens of framing around all messages and of a tool-use system prompt's scaffold."""
DEEPEST = 16
UNKNOWN_SCALAR = 24
_EXTRAS = frozenset({"tools", "functions", "response_format", "instructions", "system"})
_PLAIN = frozenset({"text", "input_text", "output_text", "tool_result", "tool_use", "thinking", "reasoning"})


def input_tokens_high(kwargs: Mapping[str, Any]) -> int | None:
    """The most input tokens that the prompt in LiteLLM's call details can be; None when no bound is known.

    No tokenizer makes more tokens than there are UTF-8 bytes. A text's bytes are bounded by its length, four times
    that when it is not plain ASCII, which costs no copy.
    """
    prompt = kwargs.get("messages") or kwargs.get("input")
    options = mapping(kwargs.get("optional_params"))
    total = _size(prompt, 0)
    if total is None or prompt is None:
        return None
    for name in _EXTRAS.intersection(options):
        extra = options.get(name)
        if extra is not None:
            size = _size(extra, 0)
            if size is None:
                return None
            total += size
    return total + PER_CALL


def output_tokens_high(kwargs: Mapping[str, Any]) -> int | None:
    """The most output tokens the request allows: its limit times the number of choices; None without a limit."""
    options = mapping(kwargs.get("optional_params"))
    for name in ("max_completion_tokens", "max_tokens", "max_output_tokens"):
        limit = count(options[name]) if name in options else None
        if limit is not None:
            return limit * (count(options["n"]) or 1) if "n" in options else limit
    return None


def _size(value: Any, depth: int) -> int | None:
    kind = type(value)
    if kind is str:
        return len(value) if value.isascii() else 4 * len(value)
    if value is None or kind is bool or kind is int or kind is float:
        return UNKNOWN_SCALAR
    if depth > DEEPEST:
        return None
    if kind is list or kind is tuple:
        return _sum(value, depth)
    if kind is dict:
        return _object(value, depth)
    dump = getattr(value, "__dict__", None)
    return _object(dump, depth) if type(dump) is dict else None


def _sum(values: Any, depth: int) -> int | None:
    if len(values) > PER_MESSAGE and type(values[0]) is int:
        return 2 * len(values)  # a prompt already given as tokens
    total = 0
    for value in values:
        content = value.get("content") if type(value) is dict and len(value) == 2 else None  # noqa: PLR2004  role, content
        if type(content) is str:
            total += PER_MESSAGE + UNKNOWN_SCALAR + (len(content) if content.isascii() else 4 * len(content))
            continue
        size = _size(value, depth + 1)
        if size is None:
            return None
        total += size + PER_MESSAGE
    return total


def _object(fields: dict[Any, Any], depth: int) -> int | None:
    kind = fields.get("type")
    if depth > 1 and type(kind) is str and kind not in _PLAIN and _is_media(fields):
        return None
    total = 0
    for key, value in fields.items():
        size = _size(value, depth + 1)
        if size is None:
            return None
        total += size + 4 + (len(key) if type(key) is str else UNKNOWN_SCALAR)
    return total


def _is_media(part: dict[Any, Any]) -> bool:
    return any(
        name in part
        for name in ("image_url", "input_audio", "file", "source", "video_url", "file_id", "file_data", "document")
    )
