"""Anthropic's format: /v1/messages and its streaming events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from scalix.demo.providers.calls import Answer, Call, Stream, event
from scalix.errors import DemoError

if TYPE_CHECKING:
    from scalix.demo.providers.tokens import Tokens

TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    529: "overloaded_error",
}


def parse(path: str, body: dict[str, Any]) -> Call:
    if not path.endswith("/v1/messages"):
        raise DemoError(f"no endpoint {path}; the Anthropic format has /v1/messages")
    return Call(
        endpoint="chat",
        path=path,
        model=str(body.get("model")),
        body=body,
        streaming=bool(body.get("stream")),
        limit=body.get("max_tokens"),
    )


def whole(_call: Call, answer: Answer) -> bytes:
    content = [{"type": "text", "text": answer.text}]
    return msgspec.json.encode(
        _message(
            answer,
            content,
            _input_usage(answer.tokens) | {"output_tokens": answer.tokens.all_output},
            "end_turn",
        )
    )


def _message(answer: Answer, content: list[dict[str, Any]], usage: dict[str, Any], stop: str | None) -> dict[str, Any]:
    return {
        "id": answer.id,
        "type": "message",
        "role": "assistant",
        "model": answer.model,
        "content": content,
        "stop_reason": stop,
        "stop_sequence": None,
        "usage": usage,
    }


def _input_usage(tokens: Tokens) -> dict[str, Any]:
    return {
        "input_tokens": tokens.input,
        "cache_read_input_tokens": tokens.cache_read,
        "cache_creation_input_tokens": tokens.cache_write_5m + tokens.cache_write_1h,
        "cache_creation": {
            "ephemeral_5m_input_tokens": tokens.cache_write_5m,
            "ephemeral_1h_input_tokens": tokens.cache_write_1h,
        },
        "service_tier": "standard",
    }


def stream(_call: Call, answer: Answer) -> Stream:
    message = _message(answer, [], _input_usage(answer.tokens) | {"output_tokens": 1}, None)
    block = {"index": 0, "content_block": {"type": "text", "text": ""}}
    ending = {"delta": {"stop_reason": "end_turn", "stop_sequence": None}}
    return Stream(
        head=[
            _event("message_start", message=message),
            _event("content_block_start", **block),
            _event("ping"),
        ],
        pieces=[
            _event("content_block_delta", index=0, delta={"type": "text_delta", "text": piece})
            for piece in answer.pieces
        ],
        tail=[
            _event("content_block_stop", index=0),
            _event("message_delta", **ending, usage={"output_tokens": answer.tokens.all_output}),
            _event("message_stop"),
        ],
    )


def _event(name: str, **payload: Any) -> bytes:
    return event({"type": name} | payload, name)


def error(status: int, message: str, code: str | None) -> bytes:
    kind = TYPES.get(status, code or "api_error")
    return msgspec.json.encode({"type": "error", "error": {"type": kind, "message": message}})


def error_event(message: str) -> bytes:
    return _event("error", error={"type": "overloaded_error", "message": message})
