"""Gemini's format: generateContent and streamGenerateContent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from scalix.demo.providers.calls import Answer, Call, Stream, event
from scalix.errors import DemoError

if TYPE_CHECKING:
    from scalix.demo.providers.tokens import Tokens

STATES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}


def parse(path: str, body: dict[str, Any]) -> Call:
    model, _, method = path.rpartition("/models/")[2].partition(":")
    if method not in ("generateContent", "streamGenerateContent"):
        raise DemoError(f"no method {path}; the Gemini format has :generateContent and :streamGenerateContent")
    settings = body.get("generationConfig") or body.get("generation_config") or {}
    return Call(
        endpoint="chat",
        path=path,
        model=model,
        body=body,
        streaming=method == "streamGenerateContent",
        limit=settings.get("maxOutputTokens") or settings.get("max_output_tokens"),
    )


def whole(_call: Call, answer: Answer) -> bytes:
    return msgspec.json.encode(_body(answer, answer.text, _usage(answer.tokens), "STOP"))


def _body(answer: Answer, text: str, usage: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    candidate: dict[str, Any] = {"content": {"role": "model", "parts": [{"text": text}]}, "index": 0}
    if finish:
        candidate["finishReason"] = finish
    return {
        "candidates": [candidate],
        "usageMetadata": usage,
        "modelVersion": answer.model,
        "responseId": answer.id,
    }


def _input_usage(tokens: Tokens) -> dict[str, Any]:
    given = tokens.all_input
    usage = {
        "promptTokenCount": given,
        "totalTokenCount": given,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": given}],
    }
    return usage | ({"cachedContentTokenCount": tokens.cache_read} if tokens.cache_read else {})


def _usage(tokens: Tokens) -> dict[str, Any]:
    usage = _input_usage(tokens) | {
        "candidatesTokenCount": tokens.output,
        "totalTokenCount": tokens.all_input + tokens.all_output,
    }
    return usage | ({"thoughtsTokenCount": tokens.reasoning} if tokens.reasoning else {})


def stream(_call: Call, answer: Answer) -> Stream:
    first = _input_usage(answer.tokens)
    return Stream(
        head=[],
        pieces=[event(_body(answer, piece, first)) for piece in answer.pieces],
        tail=[event(_body(answer, "", _usage(answer.tokens), "STOP"))],
    )


def error(status: int, message: str, _code: str | None) -> bytes:
    return msgspec.json.encode(_error(status, message))


def _error(status: int, message: str) -> dict[str, Any]:
    return {"error": {"code": status, "message": message, "status": STATES.get(status, "INTERNAL")}}


def error_event(message: str) -> bytes:
    return event(_error(503, message))
