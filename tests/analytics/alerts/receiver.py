"""A receiver of webhooks over real HTTP: verifies each signature with the public library and notes what came."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks.webhooks import Webhook, WebhookVerificationError
from typing_extensions import override

SECRET = "whsec_" + "c2NhbGl4LXRlc3Qtc2VjcmV0LXNjYWxpeA=="


class Receiver:
    """Answers with ``status`` until told otherwise. ``seen`` holds id and content of each message that was taken."""

    def __init__(self, *, signed: bool = True) -> None:
        self.signed = signed
        self.status = 200
        self.closes_mid_answer = False
        self.location: str | None = None
        self.retry_after: str | None = None
        self.drips = threading.Event()
        """Once set, an answer never comes to its end."""
        self.seen: list[tuple[str, dict[str, Any]]] = []
        self.times: list[float] = []
        self.tries = 0
        self.forged = 0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    @property
    def port(self) -> int:
        """On which it listens."""
        return int(self._server.server_port)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def ids(self) -> list[str]:
        """Ids of the messages taken, in order."""
        return [message_id for message_id, _ in self.seen]

    @property
    def bodies(self) -> list[dict[str, Any]]:
        """What was taken, in order."""
        return [body for _, body in self.seen]

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()

    def take(self, body: bytes, headers: dict[str, str]) -> dict[str, Any] | None:
        """The content of a message; None when its signature does not hold."""
        if not self.signed:
            content: dict[str, Any] = json.loads(body)
            return content
        try:
            return dict(Webhook(SECRET).verify(body, headers))
        except WebhookVerificationError:
            self.forged += 1
            return None

    def _handler(self) -> type[BaseHTTPRequestHandler]:  # noqa: C901 - every way in which a receiver can misbehave
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                receiver.tries += 1
                body = self.rfile.read(int(self.headers["content-length"]))
                content = receiver.take(body, dict(self.headers))
                if receiver.drips.is_set():
                    self._drip()
                elif receiver.closes_mid_answer:
                    self.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort")
                    self.close_connection = True
                else:
                    self._answer(content)

            def _answer(self, content: dict[str, Any] | None) -> None:
                if receiver.status in range(200, 300) and content is not None:
                    receiver.seen.append((self.headers.get("webhook-id", ""), content))
                    receiver.times.append(time.time())
                self.send_response(receiver.status if content is not None else 400)
                for name, value in (("location", receiver.location), ("retry-after", receiver.retry_after)):
                    if value:
                        self.send_header(name, value)
                self.send_header("content-length", "0")
                self.end_headers()

            def _drip(self) -> None:
                """Header by header, always just before anybody would call it silent."""
                self.wfile.write(b"HTTP/1.1 200 OK\r\n")
                while receiver.drips.is_set():
                    try:
                        self.wfile.write(b"x-drip: 1\r\n")
                        self.wfile.flush()
                    except OSError:
                        return
                    time.sleep(0.02)

            @override
            def log_message(self, format: str, *args: object) -> None:
                """Say nothing: the tests look at what was noted."""

        return Handler
