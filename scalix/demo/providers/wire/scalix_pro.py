"""Scalix Pro's format: OpenAI's chat, with thinking beside the answer and the answer in ``<scalix-write>`` tags.

The Engine and the Gateway speak it alike. They differ in what they take: ``scalix_options`` are for the Engine alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from scalix.demo.providers.calls import Stream
from scalix.demo.providers.wire import openai
from scalix.errors import DemoError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scalix.demo.providers.calls import Answer, Call

ENGINE, GATEWAY = "engine", "gateway"
OPTIONS = "scalix_options"
KEY = "Bearer scalix_"
OPENING, CLOSING = '<scalix-write path="src/words.txt">', "</scalix-write>"
THOUGHT = "hm "

error = openai.error
error_event = openai.error_event


def parse(path: str, body: dict[str, Any]) -> Call:
    call = openai.parse(path, body)
    if call.endpoint != "chat":
        raise DemoError(f"no endpoint {path}; Scalix Pro has /chat/completions")
    return call


def refusal(form: str, call: Call, headers: Mapping[str, str]) -> int | None:
    """The status with which Engine or Gateway refuse this call; None when they take it."""
    if not headers.get("authorization", "").startswith(KEY):
        return 401
    options = call.body.get(OPTIONS)
    if form == GATEWAY:
        return None if options is None else 400
    wanted = isinstance(options, dict) and (options.get("enable_lazy_edits") or options["enable_smart_files_context"])
    return None if wanted else 400


def whole(call: Call, answer: Answer) -> bytes:
    body = msgspec.json.decode(openai.whole(call, answer))
    message = body["choices"][0]["message"]
    message["content"] = f"{OPENING}{answer.text}{CLOSING}"
    if answer.tokens.reasoning:
        message["reasoning_content"] = THOUGHT * answer.tokens.reasoning
    return msgspec.json.encode(body)


def stream(call: Call, answer: Answer) -> Stream:
    plain = openai.stream(call, answer)
    thoughts = [openai.chunk(answer, {"reasoning_content": THOUGHT})] * answer.tokens.reasoning
    return Stream(
        head=[*plain.head, *thoughts, openai.chunk(answer, {"content": OPENING})],
        pieces=plain.pieces,
        tail=[openai.chunk(answer, {"content": CLOSING}), *plain.tail],
    )
