"""A provider and an export sink as small as they can be, so that what is measured is the caller.

Run as ``python -m benchmarks.upstream PORT``: answers every chat completion with one fixed body, and every other POST
with an empty 200. ``/counts`` says how many completions each first part of a path was asked for.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

USAGE = {
    "prompt_tokens": 120,
    "completion_tokens": 40,
    "total_tokens": 160,
    "prompt_tokens_details": {"cached_tokens": 64},
    "completion_tokens_details": {"reasoning_tokens": 8},
}


def _answer(number: int) -> bytes:
    return _http(
        {
            "id": f"chatcmpl-bench{number:020d}",
            "object": "chat.completion",
            "created": 1_790_000_000,
            "model": "gpt-4o-mini-2024-07-18",
            "choices": [
                {
                    "index": 0,
                    "finish_reason": "stop",
                    "message": {"role": "assistant", "content": "word " * 40},
                }
            ],
            "usage": USAGE,
        }
    )


def _http(answer: object) -> bytes:
    body = json.dumps(answer).encode()
    return b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (
        len(body),
        body,
    )


NOTHING = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"
_asked: Counter[str] = Counter()


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(
                (int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")),
                0,
            )
            await reader.readexactly(length)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()
            return
        if b"/chat/completions" in head:
            _asked[head.split(b"/", 2)[1].decode()] += 1
            writer.write(_answer(_asked.total()))
        elif head.startswith(b"GET /counts "):
            writer.write(_http(_asked))
        else:
            writer.write(NOTHING)


@contextmanager
def served() -> Iterator[int]:
    """The server in a process of its own; gives its port."""
    server = subprocess.Popen([sys.executable, "-m", "benchmarks.upstream", "0"], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        yield int(server.stdout.readline().rsplit(" ", 1)[1])
    finally:
        server.kill()


async def main(port: int) -> None:
    """Serve until killed."""
    server = await asyncio.start_server(_serve, "127.0.0.1", port, limit=1 << 22)
    print(f"serving on {server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
