"""What a key may ask for: calls to models, with the fields that OpenAI's and Anthropic's APIs know.

Everything else is refused: an address, a key, headers, callbacks or a price of the client's own would reach past the
gateway, and LiteLLM's other routes manage or test it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

CALLS = re.compile(
    r"(/v1)?/(chat/completions|completions|embeddings|responses|messages|messages/count_tokens|images/generations"
    r"|audio/speech)"
)
FIELDS = frozenset(
    [
        "model",
        "messages",
        "input",
        "prompt",
        "stream",
        "stream_options",
        "user",
        "metadata",
        "store",
        "max_tokens",
        "max_completion_tokens",
        "max_output_tokens",
        "n",
        "best_of",
        "temperature",
        "top_p",
        "top_k",
        "min_p",
        "seed",
        "stop",
        "stop_sequences",
        "presence_penalty",
        "frequency_penalty",
        "repetition_penalty",
        "logit_bias",
        "logprobs",
        "top_logprobs",
        "tools",
        "tool_choice",
        "parallel_tool_calls",
        "functions",
        "function_call",
        "response_format",
        "text",
        "modalities",
        "audio",
        "prediction",
        "reasoning",
        "reasoning_effort",
        "thinking",
        "verbosity",
        "service_tier",
        "system",
        "instructions",
        "include",
        "truncation",
        "previous_response_id",
        "max_tool_calls",
        "prompt_cache_key",
        "prompt_cache_retention",
        "safety_identifier",
        "web_search_options",
        "encoding_format",
        "dimensions",
        "input_type",
        "size",
        "quality",
        "style",
        "background",
        "output_format",
        "output_compression",
        "moderation",
        "voice",
        "speed",
        "suffix",
        "echo",
        "context_management",
        "container",
        "betas",
        "scalix_options",
    ]
)
ASKS: Mapping[str, tuple[str, ...]] = {
    "chat/completions": ("messages",),
    "messages": ("messages",),
    "messages/count_tokens": ("messages",),
    "completions": ("prompt",),
    "images/generations": ("prompt",),
    "embeddings": ("input",),
    "audio/speech": ("input",),
    "responses": ("input", "previous_response_id"),
}
"""By path: the fields of which a call needs one, since without them it asks for nothing."""
METADATA = frozenset(["user_id", "session_id", "trace_id", "tags"])
"""What ``metadata`` may say, beside what ``SCALIX_METADATA_KEYS`` names: whatever else is there, LiteLLM may act on."""
MOST_TAGS = 16
LONGEST = 256


@dataclass(frozen=True)
class Refusal:
    """Why a request is not let through, as an HTTP status, a kind of error, and a sentence."""

    status: int
    kind: str
    message: str
    param: str | None = None


def is_call(path: str) -> bool:
    """Whether a path calls a model."""
    return CALLS.fullmatch(path.rstrip("/")) is not None


def body_of(body: bytes) -> dict[str, Any] | Refusal:
    """A request's body, or why it is none."""
    try:
        return msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return _bad("the body is not a JSON object", None)


def refusal(given: Mapping[str, Any], metadata_keys: frozenset[str] = frozenset()) -> Refusal | None:
    """Why a client may not send this body; None when it may."""
    unknown = given.keys() - FIELDS
    if unknown:
        return _bad(f"{min(unknown)} cannot be sent here", min(unknown))
    if not (isinstance(model := given.get("model"), str) and 0 < len(model) <= LONGEST and model.isprintable()):
        return _bad("name a model", "model")
    metadata = given.get("metadata")
    if metadata is None:
        return None
    if not isinstance(metadata, dict):
        return _bad("metadata must be an object", "metadata")
    foreign = metadata.keys() - METADATA - metadata_keys
    if foreign:
        return _bad(f"metadata.{min(foreign)} cannot be sent here; SCALIX_METADATA_KEYS names more", "metadata")
    return _tags_refused(metadata.get("tags"))


def asks_nothing(path: str, given: Mapping[str, Any]) -> Refusal | None:
    """Why a body asks a path of `CALLS` for nothing; None when it asks for something."""
    fields = ASKS[path.strip("/").removeprefix("v1/")]
    if any(_is_said(name, given.get(name)) for name in fields):
        return None
    form = "a list of messages" if fields[0] == "messages" else "a text or a list"
    return _bad(f"give {fields[0]}, {form}", fields[0])


def _is_said(name: str, value: object) -> bool:
    return bool(value) if isinstance(value, list) else isinstance(value, str) and name != "messages"


def _tags_refused(tags: object) -> Refusal | None:
    if tags is None:
        return None
    good = isinstance(tags, list) and len(tags) <= MOST_TAGS
    if not good or not all(isinstance(tag, str) and 0 < len(tag) <= LONGEST for tag in tags):  # type: ignore[attr-defined]  # a list here
        return _bad(f"metadata.tags must be up to {MOST_TAGS} texts", "metadata")
    return None


def _bad(message: str, param: str | None) -> Refusal:
    return Refusal(400, "invalid_request_error", message, param)
