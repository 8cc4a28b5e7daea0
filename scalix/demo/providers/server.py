"""HTTP/1.1 on bare asyncio: enough for LLM clients, with full control over resets, truncation and silence.

A client that goes away cancels the task that serves it, so a handler sees it as ``CancelledError``.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from http import HTTPStatus
from typing import TYPE_CHECKING

import msgspec
from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

LINGER_NOTHING = struct.pack("ii", 1, 0)
JSON_TYPE = "application/json"


class HttpRequest(msgspec.Struct, frozen=True):
    """One request; header names are lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Reply:
    """Writes the answer to one request."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self.status: int | None = None

    def send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        """A whole answer."""
        self._transport.write(self._head(status, {"content-length": str(len(body)), **(headers or {})}) + body)

    def start(self, status: int, headers: dict[str, str]) -> None:
        """The head of an answer whose body follows in chunks."""
        self._transport.write(self._head(status, {"transfer-encoding": "chunked", **headers}))

    def chunk(self, data: bytes) -> None:
        """A piece of the body; an empty one ends it."""
        self._transport.write(b"%x\r\n%b\r\n" % (len(data), data))

    def close(self) -> None:
        """Ends the connection once what was written is out, whether or not the answer was whole."""
        self._transport.close()

    def reset(self) -> None:
        """Ends the connection with a TCP reset."""
        connection = self._transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NOTHING)
        self._transport.abort()

    def _head(self, status: int, headers: dict[str, str]) -> bytes:
        self.status = status
        fields = {"content-type": JSON_TYPE} | headers
        lines = [
            f"HTTP/1.1 {status} {_phrase(status)}",
            *(f"{name}: {value}" for name, value in fields.items()),
        ]
        return "\r\n".join([*lines, "", ""]).encode()


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unlisted"


class Connection(asyncio.Protocol):
    """Reads requests off one connection and has them served one after the other."""

    def __init__(self, serve: Callable[[HttpRequest, Reply], Awaitable[None]]) -> None:
        self._serve = serve
        self._received = bytearray()
        self._transport: asyncio.Transport | None = None
        self._task: asyncio.Task[None] | None = None

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.Transport):
            self._transport = transport

    @override
    def data_received(self, data: bytes) -> None:
        self._received += data
        self._serve_next()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if self._task is not None:
            self._task.cancel()

    def _serve_next(self) -> None:
        if self._task is None and self._transport is not None and (request := take_request(self._received)):
            self._task = asyncio.ensure_future(self._serve_one(request, Reply(self._transport)))

    async def _serve_one(self, request: HttpRequest, reply: Reply) -> None:
        try:
            await self._serve(request, reply)
        finally:
            self._task = None
        self._serve_next()


def take_request(received: bytearray) -> HttpRequest | None:
    """Removes the first whole request from what was received; None while it is incomplete."""
    end = received.find(b"\r\n\r\n")
    if end < 0:
        return None
    first, *fields = received[:end].decode("latin-1").split("\r\n")
    headers = {name.strip().lower(): value.strip() for name, _, value in (field.partition(":") for field in fields)}
    body = _take_body(received, end + 4, headers)
    if body is None:
        return None
    method, target, _ = first.split(" ", 2)
    return HttpRequest(method, target.partition("?")[0], headers, body)


def _take_body(received: bytearray, start: int, headers: dict[str, str]) -> bytes | None:
    if "chunked" in headers.get("transfer-encoding", ""):
        return _take_chunks(received, start)
    end = start + int(headers.get("content-length", 0))
    if len(received) < end:
        return None
    body = bytes(received[start:end])
    del received[:end]
    return body


def _take_chunks(received: bytearray, start: int) -> bytes | None:
    chunks: list[bytes] = []
    while (line_end := received.find(b"\r\n", start)) >= 0:
        size = int(received[start:line_end].partition(b";")[0], 16)
        start = line_end + 2 + size + 2
        if len(received) < start:
            return None
        if size == 0:
            del received[:start]
            return b"".join(chunks)
        chunks.append(bytes(received[line_end + 2 : line_end + 2 + size]))
    return None
