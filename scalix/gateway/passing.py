"""What passes between client and LiteLLM. Errors lose their secrets on the way, everything else stays as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.scrub import without_secrets
from scalix.gateway.answers import is_error_event, scrubbed_error

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.types import Message, Receive, Send

FAILED = 400
MOST_ERROR_BYTES = 2**20
_FROM_PROVIDER = b"llm_provider-"


class Receiving:
    """An ASGI ``receive``: the body, which has been read already, once more, then what the client does."""

    def __init__(self, body: bytes, receive: Receive, over: Callable[[], bool]) -> None:
        """``over`` says whether the answer has been sent: who leaves then has not left early."""
        self._body: bytes | None = body
        self._receive = receive
        self._over = over
        self.gone = False
        """Whether the client has left before the end."""

    async def __call__(self) -> Message:
        """The next message."""
        if self._body is not None:
            body, self._body = self._body, None
            return {"type": "http.request", "body": body, "more_body": False}
        message = await self._receive()
        self.gone = self.gone or (message["type"] == "http.disconnect" and not self._over())
        return message


class Sending:
    """An ASGI ``send``. An error is held back until it is whole, so that no secret hides between two pieces."""

    def __init__(self, send: Send, secrets: Callable[[], Sequence[str]], retry_after: Callable[[], str | None]) -> None:
        self._send = send
        self._secrets = secrets
        self._retry_after = retry_after
        self._start: Message | None = None
        self._error = bytearray()
        self._streams = False
        self.over = False
        """Whether all of it has been sent."""
        self.begun = False
        """Whether the client has been sent something."""
        self.answered = False
        """Whether it was an answer, and no error; a stream that begins with one is none."""
        self.broken = False
        """Whether an error came in the middle of a stream."""

    async def __call__(self, message: Message) -> None:
        """Pass on, or hold back."""
        self.over = self.over or (message["type"] == "http.response.body" and not message.get("more_body"))
        if message["type"] == "http.response.start":
            await self._started(message)
        elif message["type"] == "http.response.body" and self._start is not None:
            await self._failed(message)
        elif message["type"] == "http.response.body" and self._streams:
            await self._send({**message, "body": self._event(message.get("body", b""))})
        else:
            await self._send(message)

    async def _started(self, message: Message) -> None:
        if message["status"] >= FAILED:
            self._start = message
            return
        headers = dict(message.get("headers", []))
        self._streams = headers.get(b"content-type", b"").startswith(b"text/event-stream")
        self.begun, self.answered = True, not self._streams
        await self._send(message)

    def _event(self, piece: bytes) -> bytes:
        """A piece of a stream of events, in which errors, and nothing else, are scrubbed."""
        lines = piece.split(b"\n")
        if b'"error"' not in piece or not any(is_error_event(line) for line in lines):
            self.answered = self.answered or bool(piece.strip())
            return piece
        self.broken = self.answered
        secrets = self._secrets()
        return b"\n".join(scrubbed_error(line, secrets) if is_error_event(line) else line for line in lines)

    async def _failed(self, message: Message) -> None:
        self._error += message.get("body", b"")
        del self._error[MOST_ERROR_BYTES:]
        if message.get("more_body"):
            return
        start, body = self._start, scrubbed_error(bytes(self._error), self._secrets())
        self._start = None
        headers = [self._clean(name, value) for name, value in (start or {}).get("headers", [])]
        kept = [(name, value) for name, value in headers if name.lower() != b"content-length"]
        own = {b"content-length": str(len(body))}
        wait = self._retry_after()
        if wait is not None and not any(name.lower() == b"retry-after" for name, _ in kept):
            own[b"retry-after"] = wait
        self.begun = True
        await self._send({**(start or {}), "headers": [*kept, *((name, text.encode()) for name, text in own.items())]})
        await self._send({"type": "http.response.body", "body": body})

    def _clean(self, name: bytes, value: bytes) -> tuple[bytes, Any]:
        if not name.lower().startswith(_FROM_PROVIDER):
            return name, value
        return name, without_secrets(value.decode("latin-1"), tuple(self._secrets())).encode("latin-1", "replace")
