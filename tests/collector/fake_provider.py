"""A provider on loopback for the collector's tests: OpenAI and Anthropic shapes, and a log of what it was asked.

What it does is told by the first part of its path (``/err500/v1``) or, below plain ``/v1``, the model's name: ``ok``,
 ``err500``, ``err429``, ``err400``, ``hang``, ``slow`` (a pause before
the answer), ``cut`` (a stream that breaks after its first chunks), ``endless`` (a stream that never stops) and
``flaky-N-…`` (the first N requests for that name fail with 500). Anything else is ``ok``.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import threading
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Hit:
    """One request as the provider saw it."""

    number: int
    path: str
    model: str
    body: dict[str, Any]
    status: int = 0
    response_id: str = ""
    usage: dict[str, int] = field(default_factory=dict)
    behaviour: str = "ok"
    gone: bool = False
    """The client went away before the answer was complete."""


class FakeProvider:
    """Serves in a thread of its own until ``close()``; ``hits`` grows with every request."""

    def __init__(self) -> None:
        self.hits: list[Hit] = []
        self._stopping = asyncio.Event()
        self._numbers = itertools.count(1)
        self._failed: dict[str, int] = {}
        self._loop = asyncio.new_event_loop()
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(ready,), daemon=True)
        self._thread.start()
        ready.wait(10)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def at(self, behaviour: str) -> str:
        """The base address below which every request is treated as told."""
        return f"http://127.0.0.1:{self.port}/{behaviour}/v1"

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(10)

    def _run(self, ready: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._listen(ready))
        self._loop.close()

    async def _listen(self, ready: threading.Event) -> None:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=2048)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        await self._stopping.wait()
        server.close()
        open_connections = asyncio.all_tasks() - {asyncio.current_task()}
        for connection in open_connections:
            connection.cancel()
        await asyncio.gather(*open_connections, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._one(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in head[1:])}
        raw = await reader.readexactly(int(headers.get("content-length", "0")))
        if headers.get("transfer-encoding") == "chunked":
            raw = await _chunked(reader)
        path = head[0].split(" ")[1]
        if path.endswith("/models"):  # LiteLLM's proxy asks for them when it starts; that is no call
            await _send(writer, 404, b"{}", "application/json")
            return True
        hit = self._hit(path, raw)
        try:
            return await self._answer(hit, writer)
        except ConnectionError:
            hit.gone = True
            raise

    def _hit(self, path: str, raw: bytes) -> Hit:
        try:
            body = json.loads(raw)
        except ValueError:
            body = {"model": "ok"}
        first = path.split("/")[1]
        model = str(body.get("model", "ok"))
        hit = Hit(next(self._numbers), path, model, body, behaviour=model if first == "v1" else first)
        hit.usage = {"input": 100 + hit.number % 50, "cached": 40, "output": 20 + hit.number % 7, "reasoning": 5}
        self.hits.append(hit)
        return hit

    def _fails(self, model: str) -> bool:
        if model.startswith("err500"):
            return True
        if model.startswith("flaky-"):
            self._failed[model] = self._failed.get(model, 0) + 1
            return self._failed[model] <= int(model.split("-")[1])
        return False

    async def _answer(self, hit: Hit, writer: asyncio.StreamWriter) -> bool:
        model = hit.behaviour
        if model.startswith("hang"):
            await asyncio.sleep(30)
            return False
        if model.startswith("slow"):
            await asyncio.sleep(0.3)
        if self._fails(model):
            return await self._error(hit, writer, 500, "the server had an error", "server_error")
        if model.startswith("err429"):
            return await self._error(hit, writer, 429, "Rate limit reached", "rate_limit_exceeded")
        if model.startswith("err400"):
            return await self._error(hit, writer, 400, "bad field; key sk-secretsecretsecretsecret", "invalid")
        if hit.body.get("stream"):
            return await self._stream(hit, writer)
        hit.response_id, answer, kind = _answer_of(hit)
        hit.status = 200
        await _send(writer, 200, answer, kind)
        return True

    async def _error(self, hit: Hit, writer: asyncio.StreamWriter, status: int, message: str, code: str) -> bool:
        hit.status = status
        error = {"error": {"message": message, "type": code, "code": code}}
        await _send(writer, status, json.dumps(error).encode(), "application/json")
        return True

    async def _stream(self, hit: Hit, writer: asyncio.StreamWriter) -> bool:
        hit.response_id, lines = _stream_of(hit)
        head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
        writer.write(head)
        await writer.drain()
        for position, line in enumerate(lines):
            await _chunk(writer, line)
            if hit.behaviour.startswith("cut") and position == 2:
                writer.transport.abort()
                hit.status = 502
                return False
            if hit.behaviour.startswith("endless") and position == 2:
                while True:
                    await asyncio.sleep(0.01)
                    await _chunk(writer, line)
        await _chunk(writer, b"")
        hit.status = 200
        return True


async def _chunked(reader: asyncio.StreamReader) -> bytes:
    whole = b""
    while size := int(await reader.readuntil(b"\r\n"), 16):
        whole += await reader.readexactly(size)
        await reader.readexactly(2)
    await reader.readexactly(2)
    return whole


async def _send(writer: asyncio.StreamWriter, status: int, body: bytes, kind: str) -> None:
    head = f"HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\n\r\n"
    writer.write(head.encode() + body)
    await writer.drain()


async def _chunk(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
    await writer.drain()


def _openai_usage(hit: Hit) -> dict[str, Any]:
    use = hit.usage
    return {
        "prompt_tokens": use["input"],
        "completion_tokens": use["output"],
        "total_tokens": use["input"] + use["output"],
        "prompt_tokens_details": {"cached_tokens": use["cached"]},
        "completion_tokens_details": {"reasoning_tokens": use["reasoning"]},
    }


def _responses_usage(hit: Hit) -> dict[str, Any]:
    use = hit.usage
    return {
        "input_tokens": use["input"],
        "output_tokens": use["output"],
        "total_tokens": use["input"] + use["output"],
        "input_tokens_details": {"cached_tokens": use["cached"]},
        "output_tokens_details": {"reasoning_tokens": use["reasoning"]},
    }


def _anthropic_usage(hit: Hit) -> dict[str, Any]:
    use = hit.usage
    return {
        "input_tokens": use["input"] - use["cached"],
        "output_tokens": use["output"],
        "cache_read_input_tokens": use["cached"],
        "cache_creation_input_tokens": 0,
    }


def _response_object(hit: Hit, status: str) -> dict[str, Any]:
    text = {"type": "output_text", "text": "hello world", "annotations": []}
    message = {"type": "message", "id": "msg_1", "role": "assistant", "status": status, "content": [text]}
    return {
        "id": f"resp_{hit.number}",
        "object": "response",
        "created_at": 1_790_000_000,
        "status": status,
        "model": hit.model,
        "output": [message] if status == "completed" else [],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "usage": _responses_usage(hit) if status == "completed" else None,
    }


def _answer_of(hit: Hit) -> tuple[str, bytes, str]:  # noqa: PLR0911  one answer per path
    if hit.path.endswith("/audio/speech"):
        return "", b"RIFFsound", "audio/mpeg"
    if hit.path.endswith("/audio/transcriptions"):
        return "", b'{"text": "hello world"}', "application/json"
    if hit.path.endswith("/images/generations"):
        image = {"created": 1_790_000_000, "data": [{"url": "http://127.0.0.1/x.png"}]}
        return "", json.dumps(image).encode(), "application/json"
    if hit.path.endswith("/responses"):
        return f"resp_{hit.number}", json.dumps(_response_object(hit, "completed")).encode(), "application/json"
    if hit.path.endswith("/messages"):
        message = {
            "id": f"msg_{hit.number}",
            "type": "message",
            "role": "assistant",
            "model": hit.model,
            "content": [{"type": "text", "text": "hello world"}],
            "stop_reason": "end_turn",
            "usage": _anthropic_usage(hit),
        }
        return f"msg_{hit.number}", json.dumps(message).encode(), "application/json"
    if hit.path.endswith("/embeddings"):
        hit.usage = {"input": hit.usage["input"], "cached": 0, "output": 0, "reasoning": 0}
        embedding = {
            "object": "list",
            "model": hit.model,
            "data": [{"object": "embedding", "index": 0, "embedding": [0.1, 0.2]}],
            "usage": {"prompt_tokens": hit.usage["input"], "total_tokens": hit.usage["input"]},
        }
        return "", json.dumps(embedding).encode(), "application/json"
    completion = {
        "id": f"chatcmpl-{hit.number}",
        "object": "chat.completion",
        "created": 1_790_000_000,
        "model": hit.model,
        "choices": [_choice(hit)],
        "usage": _openai_usage(hit),
    }
    return f"chatcmpl-{hit.number}", json.dumps(completion).encode(), "application/json"


def _choice(hit: Hit) -> dict[str, Any]:
    """A text or, where tools are offered, a call of the first."""
    tools = hit.body.get("tools")
    if not tools:
        return {"index": 0, "message": {"role": "assistant", "content": "hello world"}, "finish_reason": "stop"}
    called = {"name": tools[0]["function"]["name"], "arguments": "{}"}
    call = {"id": "call_1", "type": "function", "function": called}
    return {
        "index": 0,
        "message": {"role": "assistant", "content": None, "tool_calls": [call]},
        "finish_reason": "tool_calls",
    }


def _stream_of(hit: Hit) -> tuple[str, list[bytes]]:
    if hit.path.endswith("/responses"):
        return f"resp_{hit.number}", _responses_stream(hit)
    if hit.path.endswith("/messages"):
        return f"msg_{hit.number}", _messages_stream(hit)
    return f"chatcmpl-{hit.number}", _chat_stream(hit)


def _chat_stream(hit: Hit) -> list[bytes]:
    head = {"id": f"chatcmpl-{hit.number}", "object": "chat.completion.chunk", "created": 1, "model": hit.model}
    words = [{"index": 0, "delta": {"role": "assistant", "content": w}, "finish_reason": None} for w in "abcde"]
    chunks: list[dict[str, Any]] = [{**head, "choices": [word]} for word in words]
    chunks.append({**head, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    if (hit.body.get("stream_options") or {}).get("include_usage"):
        chunks.append({**head, "choices": [], "usage": _openai_usage(hit)})
    return [b"data: " + json.dumps(chunk).encode() + b"\n\n" for chunk in chunks] + [b"data: [DONE]\n\n"]


def _responses_stream(hit: Hit) -> list[bytes]:
    delta = {"type": "response.output_text.delta", "item_id": "msg_1", "output_index": 0, "content_index": 0}
    events: list[dict[str, Any]] = [{"type": "response.created", "response": _response_object(hit, "in_progress")}]
    events += [{**delta, "delta": word} for word in "abcde"]
    events.append({"type": "response.completed", "response": _response_object(hit, "completed")})
    numbered = [{**event, "sequence_number": number} for number, event in enumerate(events)]
    return [f"event: {e['type']}\ndata: {json.dumps(e)}\n\n".encode() for e in numbered]


def _messages_stream(hit: Hit) -> list[bytes]:
    usage = _anthropic_usage(hit)
    message = {"id": f"msg_{hit.number}", "type": "message", "role": "assistant", "model": hit.model, "content": []}
    events: list[dict[str, Any]] = [
        {"type": "message_start", "message": {**message, "usage": {**usage, "output_tokens": 1}}},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "hello"}},
        {"type": "content_block_stop", "index": 0},
        {
            "type": "message_delta",
            "delta": {"stop_reason": "end_turn", "stop_sequence": None},
            "usage": {"output_tokens": usage["output_tokens"]},
        },
        {"type": "message_stop"},
    ]
    return [f"event: {e['type']}\ndata: {json.dumps(e)}\n\n".encode() for e in events]
