"""What passes between client and LiteLLM. Errors lose their secrets on the way, everything else stays as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.scrub import without_secrets
from scalix.gateway.answers import scrubbed_error, scrubbed_events

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.types import Message, Receive, Send

FAILED = 400
MOST_ERROR_BYTES = 2**20
_FROM_PROVIDER = b"llm_provider-"


class Receiving:
    """An ASGI ``receive``: the body, which has been read already, once more, then what the client does."""

    def __init__(self, body: bytes, receive: Receive) -> None:
        self._body: bytes | None = body
        self._receive = receive
        self.gone = False
        """Whether the client has left before the end."""

    async def __call__(self) -> Message:
        """The next message."""
        if self._body is not None:
            body, self._body = self._body, None
            return {"type": "http.request", "body": body, "more_body": False}
        message = await self._receive()
        self.gone = self.gone or message["type"] == "http.disconnect"
        return message


class Sending:
    """An ASGI ``send``. An error is held back until it is whole, so that no secret hides between two pieces."""

    def __init__(self, send: Send, secrets: Callable[[], Sequence[str]]) -> None:
        self._send = send
        self._secrets = secrets
        self._start: Message | None = None
        self._error = bytearray()
        self._streams = False
        self.begun = False
        """Whether the client has been sent something."""
        self.answered = False
        """Whether it was an answer, and no error."""

    async def __call__(self, message: Message) -> None:
        """Pass on, or hold back."""
        if message["type"] == "http.response.start":
            await self._started(message)
        elif message["type"] == "http.response.body" and self._start is not None:
            await self._failed(message)
        elif message["type"] == "http.response.body" and self._streams:
            body = scrubbed_events(message.get("body", b""), self._secrets())
            await self._send({**message, "body": body})
        else:
            await self._send(message)

    async def _started(self, message: Message) -> None:
        if message["status"] >= FAILED:
            self._start = message
            return
        self.begun = self.answered = True
        headers = dict(message.get("headers", []))
        self._streams = headers.get(b"content-type", b"").startswith(b"text/event-stream")
        await self._send(message)

    async def _failed(self, message: Message) -> None:
        self._error += message.get("body", b"")
        del self._error[MOST_ERROR_BYTES:]
        if message.get("more_body"):
            return
        start, body = self._start, scrubbed_error(bytes(self._error), self._secrets())
        self._start = None
        headers = [self._clean(name, value) for name, value in (start or {}).get("headers", [])]
        kept = [(name, value) for name, value in headers if name.lower() != b"content-length"]
        length = (b"content-length", str(len(body)).encode())
        self.begun = True
        await self._send({**(start or {}), "headers": [*kept, length]})
        await self._send({"type": "http.response.body", "body": body})

    def _clean(self, name: bytes, value: bytes) -> tuple[bytes, Any]:
        if not name.lower().startswith(_FROM_PROVIDER):
            return name, value
        return name, without_secrets(value.decode("latin-1"), tuple(self._secrets())).encode("latin-1", "replace")
