"""OpenAI's format: chat, embeddings, responses, images, audio; also for Azure, OpenRouter, LM Studio."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from scalix.demo.providers.calls import Answer, Call, Endpoint, Stream, event
from scalix.demo.providers.wire import openai_responses
from scalix.errors import DemoError

if TYPE_CHECKING:
    from scalix.demo.providers.tokens import Tokens

ENDPOINTS: dict[str, Endpoint] = {
    "/chat/completions": "chat",
    "/responses": "responses",
    "/embeddings": "embeddings",
    "/images/generations": "images",
    "/audio/transcriptions": "transcription",
    "/audio/speech": "speech",
}
TYPES = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
}
SERVER_ERROR = 500
SECONDS_OF_AUDIO = 12
DIMENSIONS = 8


def parse(path: str, body: dict[str, Any]) -> Call:
    endpoint = next((kind for end, kind in ENDPOINTS.items() if path.endswith(end)), None)
    if endpoint is None:
        raise DemoError(f"no endpoint {path}; the OpenAI format has {', '.join(ENDPOINTS)}")
    options = body.get("stream_options") or {}
    # OpenRouter has a wish of its own: {"usage": {"include": true}}.
    wanted = options.get("include_usage") or (body.get("usage") or {}).get("include")
    return Call(
        endpoint=endpoint,
        path=path,
        model=str(body.get("model") or _azure_deployment(path)),
        body=body,
        streaming=bool(body.get("stream")),
        limit=body.get("max_completion_tokens") or body.get("max_output_tokens") or body.get("max_tokens"),
        wants_usage=endpoint != "chat" or not body.get("stream") or bool(wanted),
    )


def _azure_deployment(path: str) -> str:
    _, _, rest = path.partition("/deployments/")
    return rest.partition("/")[0]


def whole(call: Call, answer: Answer) -> bytes:
    if call.endpoint == "speech":
        return b"\xff\xf3\x44\xc4" * 64
    return msgspec.json.encode(_BODIES[call.endpoint](call, answer))


def _chat(_call: Call, answer: Answer) -> dict[str, Any]:
    message = {"role": "assistant", "content": answer.text}
    return {
        "id": answer.id,
        "object": "chat.completion",
        "created": answer.created,
        "model": answer.model,
        "choices": [{"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}],
        "usage": _usage(answer),
    }


def _responses(_call: Call, answer: Answer) -> dict[str, Any]:
    return openai_responses.response(answer, "completed")


def _embeddings(call: Call, answer: Answer) -> dict[str, Any]:
    given = call.body.get("input")
    count = len(given) if isinstance(given, list) else 1
    vectors = [{"object": "embedding", "index": i, "embedding": [0.5] * DIMENSIONS} for i in range(count)]
    usage = {"prompt_tokens": answer.tokens.all_input, "total_tokens": answer.tokens.all_input}
    return {"object": "list", "data": vectors, "model": answer.model, "usage": usage}


def _images(call: Call, answer: Answer) -> dict[str, Any]:
    """Models named ``gpt-image`` tell tokens; those before them are billed by the image and tell nothing."""
    tokens, count = answer.tokens, int(call.body.get("n") or 1)
    made = {"created": answer.created, "data": [{"b64_json": "iVBORw0KGgo="}] * count}
    if "gpt-image" not in call.model:
        return made
    usage = {
        "input_tokens": tokens.all_input,
        "input_tokens_details": {"text_tokens": tokens.all_input, "image_tokens": 0},
        "output_tokens": tokens.all_output,
        "total_tokens": tokens.all_input + tokens.all_output,
    }
    return {**made, "usage": usage}


def _transcription(call: Call, answer: Answer) -> dict[str, Any]:
    """Whisper is billed by the second, the models after it by tokens."""
    tokens = answer.tokens
    if call.model.startswith("whisper"):
        return {"text": answer.text, "usage": {"type": "duration", "seconds": SECONDS_OF_AUDIO}}
    usage = {
        "type": "tokens",
        "input_tokens": tokens.all_input,
        "input_token_details": {"text_tokens": tokens.input, "audio_tokens": tokens.audio_input},
        "output_tokens": tokens.all_output,
        "total_tokens": tokens.all_input + tokens.all_output,
    }
    return {"text": answer.text, "usage": usage}


_BODIES = {
    "chat": _chat,
    "responses": _responses,
    "embeddings": _embeddings,
    "images": _images,
    "transcription": _transcription,
}


def _usage(answer: Answer) -> dict[str, Any]:
    usage = _counts(answer.tokens)
    return usage if answer.cost_usd is None else usage | {"cost": answer.cost_usd}


def _counts(tokens: Tokens) -> dict[str, Any]:
    return {
        "prompt_tokens": tokens.all_input,
        "completion_tokens": tokens.all_output,
        "total_tokens": tokens.all_input + tokens.all_output,
        "prompt_tokens_details": {"cached_tokens": tokens.cache_read, "audio_tokens": tokens.audio_input},
        "completion_tokens_details": {
            "reasoning_tokens": tokens.reasoning,
            "audio_tokens": tokens.audio_output,
        },
    }


def stream(call: Call, answer: Answer) -> Stream:
    if call.endpoint == "responses":
        return openai_responses.stream(answer)
    tail = [chunk(answer, {}, "stop")]
    if call.wants_usage:
        tail.append(chunk(answer, None, None, _usage(answer)))
    return Stream(
        head=[chunk(answer, {"role": "assistant", "content": ""})],
        pieces=[chunk(answer, {"content": piece}) for piece in answer.pieces],
        tail=[*tail, b"data: [DONE]\n\n"],
    )


def chunk(
    answer: Answer,
    delta: dict[str, Any] | None,
    finish: str | None = None,
    usage: dict[str, Any] | None = None,
) -> bytes:
    """One chunk of a stream; the last has usage and no delta."""
    choice = {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}
    return event(
        {
            "id": answer.id,
            "object": "chat.completion.chunk",
            "created": answer.created,
            "model": answer.model,
            "choices": [] if delta is None else [choice],
            "usage": usage,
        }
    )


def error(status: int, message: str, code: str | None) -> bytes:
    kind = TYPES.get(status, "server_error" if status >= SERVER_ERROR else "invalid_request_error")
    return msgspec.json.encode({"error": {"message": message, "type": kind, "param": None, "code": code}})


def error_event(message: str) -> bytes:
    return event({"error": {"message": message, "type": "server_error", "code": 500}})
