"""Just enough of an SMTP server to take a mail: what it was told in DATA is kept."""

from __future__ import annotations

import socketserver
import threading
from email import message_from_bytes, policy
from typing import TYPE_CHECKING

from typing_extensions import override

if TYPE_CHECKING:
    from email.message import EmailMessage

_REPLIES = {
    b"EHLO": b"250-sink\r\n250 AUTH PLAIN\r\n",
    b"AUTH": b"235 welcome\r\n",
    b"DATA": b"354 go on\r\n",
    b"QUIT": b"221 bye\r\n",
}


class MailSink:
    """Takes every mail. ``mails`` holds them parsed."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        sink = self

        class Handler(socketserver.StreamRequestHandler):
            @override
            def handle(self) -> None:
                self.wfile.write(b"220 sink\r\n")
                for line in self.rfile:
                    verb = line[:4].upper()
                    self.wfile.write(_REPLIES.get(verb, b"250 ok\r\n"))
                    if verb == b"DATA":
                        sink.mails.append(self._mail())
                        self.wfile.write(b"250 taken\r\n")
                    if verb == b"QUIT":
                        return

            def _mail(self) -> EmailMessage:
                lines = []
                for line in self.rfile:
                    if line == b".\r\n":
                        break
                    lines.append(line.removeprefix(b"."))
                return message_from_bytes(b"".join(lines), policy=policy.default)

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    @property
    def port(self) -> int:
        """On which it listens."""
        return int(self._server.server_address[1])

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
