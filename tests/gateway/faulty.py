"""A provider that goes wrong in every way that one can: the first part of its path says how."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from typing_extensions import override

from tests.collector.fake_provider import FakeProvider, _chat_stream

if TYPE_CHECKING:
    from tests.collector.fake_provider import Hit

ERROR_200 = {"error": {"message": "the model is overloaded", "type": "overloaded", "code": "overloaded"}}
GARBAGE = b"data: {]\n\n\xff\xfe:garbage\n\ndata:\n\n\n\n"


def _raw(status: int, kind: str, body: bytes, *more: str, length: int | None = None) -> bytes:
    headers = [f"content-type: {kind}", f"content-length: {len(body) if length is None else length}", *more]
    return f"HTTP/1.1 {status} X\r\n".encode() + "\r\n".join(headers).encode() + b"\r\n\r\n" + body


_RAW = {
    "limited": _raw(429, "application/json", b"{}", "retry-after: 7"),
    "reset": _raw(200, "application/json", b'{"id": "chatcmpl-1", "ch', length=500),
    "nojson": _raw(200, "application/json", b"<html>no JSON"),
    "garbage": _raw(200, "text/event-stream", GARBAGE),
}


class FaultyProvider(FakeProvider):
    """``planted`` are secrets that its errors tell, 25 at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.planted: list[str] = []

    @override
    async def _answer(self, hit: Hit, writer: asyncio.StreamWriter) -> bool:
        raw = _RAW.get(hit.behaviour)
        if raw is not None:
            writer.write(raw)
            await writer.drain()
            writer.transport.abort() if hit.behaviour == "reset" else writer.close()
            return False
        if hit.behaviour == "err200":
            return await self._whole(writer, 200, json.dumps(ERROR_200))
        if hit.behaviour == "endless-body":
            return await self._endless(writer)
        if hit.behaviour == "late-cut":
            return await self._late_cut(hit, writer)
        if hit.behaviour.startswith("leak"):
            told, self.planted = self.planted[:25], self.planted[25:]
            error = {"error": {"message": "\n".join(told), "type": "server_error", "code": "server_error"}}
            return await self._whole(writer, int(hit.behaviour.removeprefix("leak")), json.dumps(error))
        return await super()._answer(hit, writer)

    @staticmethod
    async def _whole(writer: asyncio.StreamWriter, status: int, body: str) -> bool:
        writer.write(_raw(status, "application/json", body.encode()))
        await writer.drain()
        return True

    @staticmethod
    async def _endless(writer: asyncio.StreamWriter) -> bool:
        writer.write(
            b"HTTP/1.1 200 X\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n1\r\n{\r\n"
        )
        while True:
            writer.write(b"400\r\n" + b" " * 0x400 + b"\r\n")
            await writer.drain()
            await asyncio.sleep(0.01)

    @staticmethod
    async def _late_cut(hit: Hit, writer: asyncio.StreamWriter) -> bool:
        """Two good chunks that arrive, then an end in the middle."""
        writer.write(b"HTTP/1.1 200 X\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")
        for line in _chat_stream(hit)[:2]:
            writer.write(f"{len(line):x}\r\n".encode() + line + b"\r\n")
        await writer.drain()
        await asyncio.sleep(0.3)
        return False
