"""What a key may ask for: calls to models, with the fields that OpenAI's and Anthropic's APIs know.

Everything else is refused: an address, a key, headers, callbacks or a price of the client's own would reach past the
gateway, and LiteLLM's other routes manage or test it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import msgspec

PATHS = re.compile(
    r"(/v1)?/(chat/completions|completions|embeddings|responses|messages|messages/count_tokens|images/generations"
    r"|audio/speech|models(/[\w.:/-]+)?)"
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
    ]
)
_OURS = "scalix_"


@dataclass(frozen=True)
class Refusal:
    """Why a request is not let through, as an HTTP status, a kind of error, and a sentence."""

    status: int
    kind: str
    message: str


def refusal(path: str, body: bytes) -> Refusal | None:
    """Whether a key's request to this path with this body is refused; None when it may go on."""
    if not PATHS.fullmatch(path.rstrip("/")):
        return Refusal(403, "auth_error", f"a key cannot use {path}")
    if not body:
        return None
    try:
        given = msgspec.json.decode(body, type=dict[str, object])
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return Refusal(400, "invalid_request_error", "the body is not a JSON object")
    unknown = given.keys() - FIELDS
    if unknown:
        return Refusal(400, "invalid_request_error", f"{min(unknown)} cannot be sent here")
    metadata = given.get("metadata")
    if isinstance(metadata, dict) and any(str(name).startswith(_OURS) for name in metadata):
        return Refusal(400, "invalid_request_error", f"metadata that begins with {_OURS} cannot be sent here")
    return None
