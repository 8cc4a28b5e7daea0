"""A provider that answers with usage written out beforehand, and a process that calls it through LiteLLM.

Run as a module it is that process: it reads the calls from standard input and makes them with the collector installed.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from tests.collector.conftest import environment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

GEMINI, ANTHROPIC = "gemini", "anthropic"


@dataclass(frozen=True)
class Scripted:
    """One call and its answer. ``name`` becomes the answer's id."""

    name: str
    model: str
    """With its provider, as LiteLLM is asked for it."""
    usage: dict[str, Any] = field(default_factory=dict)
    late_usage: dict[str, Any] | None = None
    """Of a stream: what its end says, where its start says ``usage``."""
    calls: int = 1
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def provider(self) -> str:
        return self.model.partition("/")[0]

    def body(self) -> dict[str, Any]:
        """The answer in the provider's own shape."""
        served = self.model.partition("/")[2]
        if self.provider == GEMINI:
            said = {"content": {"role": "model", "parts": [{"text": "x"}]}, "finishReason": "STOP", "index": 0}
            return {
                "candidates": [said],
                "usageMetadata": self.usage,
                "modelVersion": served,
                "responseId": self.name,
            }
        if self.provider == ANTHROPIC:
            return {**self._message(served), "content": [{"type": "text", "text": "x"}], "stop_reason": "end_turn"}
        message = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "x"}}
        head = {"id": self.name, "object": "chat.completion", "created": 1, "model": served}
        return {**head, "choices": [message], "usage": self.usage}

    def _message(self, served: str) -> dict[str, Any]:
        return {"id": self.name, "type": "message", "role": "assistant", "model": served, "usage": self.usage}

    def stream(self) -> bytes:
        """Anthropic's events, whose last usage is cumulative."""
        served = self.model.partition("/")[2]
        events: list[dict[str, Any]] = [
            {"type": "message_start", "message": {**self._message(served), "content": []}},
            {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
            {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "x"}},
            {"type": "content_block_stop", "index": 0},
            {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": self.late_usage},
            {"type": "message_stop"},
        ]
        return b"".join(f"event: {one['type']}\ndata: {json.dumps(one)}\n\n".encode() for one in events)


@contextmanager
def serving(scripts: Sequence[Scripted]) -> Iterator[str]:
    """The provider, at an address below which each script has a path of its own."""
    by_name = {script.name: script for script in scripts}

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            script = by_name[self.path.split("/")[1]]
            streams = script.late_usage is not None
            content = script.stream() if streams else json.dumps(script.body()).encode()
            self.send_response(200)
            self.send_header("content-type", "text/event-stream" if streams else "application/json")
            self.send_header("content-length", str(len(content)))
            for name, value in script.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        @override
        def log_message(self, *_: object) -> None:
            """Nothing on standard error."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()


def call_all(scripts: Sequence[Scripted], spool: Path) -> None:
    """Make the calls in a process of its own, recorded on this spool."""
    with serving(scripts) as address:
        given = json.dumps([address, [asdict(script) for script in scripts]])
        subprocess.run(
            [sys.executable, "-m", __name__], input=given, text=True, check=True, env=environment(spool), timeout=120
        )


def _main() -> None:
    import litellm  # noqa: PLC0415 - only the child needs it

    import scalix  # noqa: PLC0415 - same

    scalix.install(strict=True)
    address, scripts = json.load(sys.stdin)
    for script in (Scripted(**one) for one in scripts):
        streams = script.late_usage is not None
        path = f"/{script.name}/v1beta/models/{script.name}" if script.provider == GEMINI else f"/{script.name}/v1"
        base = f"{address}/{script.name}" if script.provider == ANTHROPIC else address + path
        for _ in range(script.calls):
            answer = litellm.completion(
                model=script.model, api_base=base, api_key="made-up", stream=streams, max_tokens=9,
                messages=[{"role": "user", "content": "hello"}], num_retries=0,
            )  # fmt: skip
            for _chunk in answer if streams else ():
                pass


if __name__ == "__main__":
    _main()
