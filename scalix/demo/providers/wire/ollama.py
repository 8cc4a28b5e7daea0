"""Ollama's own format: ``/api/chat``, whose streams are lines of JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from scalix.demo.providers.calls import Answer, Call, Stream
from scalix.errors import DemoError
from scalix.times import from_us

if TYPE_CHECKING:
    from collections.abc import Mapping

MICROSECONDS = 1_000_000


def parse(path: str, body: dict[str, Any]) -> Call:
    if not path.endswith("/api/chat"):
        raise DemoError(f"no endpoint {path}; the Ollama format has /api/chat")
    options: Mapping[str, Any] = body.get("options") or {}
    return Call(
        endpoint="chat",
        path=path,
        model=str(body.get("model")),
        body=body,
        streaming=bool(body.get("stream", True)),
        limit=options.get("num_predict"),
    )


def whole(_call: Call, answer: Answer) -> bytes:
    return _line(answer, answer.text, done=True)


def stream(_call: Call, answer: Answer) -> Stream:
    return Stream(
        head=[],
        pieces=[_line(answer, piece, done=False) for piece in answer.pieces],
        tail=[_line(answer, "", done=True)],
    )


def _line(answer: Answer, text: str, *, done: bool) -> bytes:
    body: dict[str, Any] = {
        "model": answer.model,
        "created_at": from_us(answer.created * MICROSECONDS).isoformat(),
        "message": {"role": "assistant", "content": text},
        "done": done,
    }
    if done:
        body |= {
            "done_reason": "stop",
            "prompt_eval_count": answer.tokens.all_input,
            "eval_count": answer.tokens.all_output,
        }
    return msgspec.json.encode(body) + b"\n"


def error(_status: int, message: str, _code: str | None) -> bytes:
    return msgspec.json.encode({"error": message})


def error_event(message: str) -> bytes:
    return msgspec.json.encode({"error": message}) + b"\n"
