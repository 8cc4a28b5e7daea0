"""A receiver of webhooks over real HTTP: verifies each signature with the public library and notes what came."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks.webhooks import Webhook
from typing_extensions import override

SECRET = "whsec_" + "c2NhbGl4LXRlc3Qtc2VjcmV0LXNjYWxpeA=="


class Receiver:
    """Answers with ``status`` until told otherwise. ``seen`` holds id and content of each message that verified."""

    def __init__(self) -> None:
        self.status = 200
        self.closes_mid_answer = False
        self.location: str | None = None
        self.seen: list[tuple[str, dict[str, Any]]] = []
        self.tries = 0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_port}/hook"

    @property
    def ids(self) -> list[str]:
        """Ids of the messages taken, in order."""
        return [message_id for message_id, _ in self.seen]

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                receiver.tries += 1
                body = self.rfile.read(int(self.headers["content-length"]))
                content = Webhook(SECRET).verify(body, dict(self.headers))
                if receiver.closes_mid_answer:
                    self.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort")
                    self.close_connection = True
                    return
                if receiver.status in range(200, 300):
                    receiver.seen.append((self.headers["webhook-id"], content))
                self.send_response(receiver.status)
                if receiver.location:
                    self.send_header("location", receiver.location)
                self.send_header("content-length", "0")
                self.end_headers()

            @override
            def log_message(self, format: str, *args: object) -> None:
                """Say nothing: the tests look at what was noted."""

        return Handler
