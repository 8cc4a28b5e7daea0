"""The hub's end of one reader: started when needed, asked one question at a time, killed when it does not obey."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import msgspec

from scalix.errors import StoreError
from scalix.store.readers.wire import END, HEAD, MOST_PIECE, PIECE, READY, End, Limits, Question, Sort, message

if TYPE_CHECKING:
    from pathlib import Path

GRACE_S = 2.0
"""After the time limit a reader may take so long to say so."""
START_S = 30.0
_CHUNK = 1 << 16


class AskError(StoreError):
    """A question that was not answered; ``sort`` says why, the message what to do about it."""

    def __init__(self, sort: Sort, said: str) -> None:
        """``said`` is for the person who asked."""
        super().__init__(said)
        self.sort = sort


class Reader:
    """One child process over one lake. Not for two threads at once."""

    def __init__(self, lake_file: Path, limits: Limits) -> None:
        """Start the child; what it says at first is waited for with the first question."""
        self._limits = limits
        self._ready = False
        self._until = 0.0
        self._line, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - this interpreter, our module
                [
                    *(sys.executable, "-I", "-m", "scalix.store.readers.child"),
                    *(str(lake_file.resolve()), msgspec.json.encode(limits).decode()),
                ],
                stdin=theirs.fileno(),
                stdout=theirs.fileno(),
                stderr=subprocess.DEVNULL,
                env={},
                cwd="/",
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the child still runs."""
        return self._process.poll() is None

    def ask(self, question: Question) -> None:
        """Put a question; `receive` then gives the answer. Raises AskError when the child has gone."""
        if not self._ready:
            self._until = time.monotonic() + START_S
            if self._message()[0] != READY:
                raise self._broken()
            self._ready = True
        self._until = time.monotonic() + self._limits.time_s + GRACE_S
        try:
            self._line.settimeout(self._left())
            self._line.sendall(message(PIECE, msgspec.json.encode(question)))
        except OSError:
            raise self._broken() from None

    def receive(self) -> bytes | End:
        """The next piece of the answer, or how it ended. Raises AskError; the reader is then of no more use."""
        kind, payload = self._message()
        if kind == PIECE:
            return payload
        if kind != END:
            raise self._broken()
        return msgspec.json.decode(payload, type=End)

    def kill(self) -> None:
        """End the child at once."""
        self._process.kill()
        self._process.wait()
        self._line.close()

    def _message(self) -> tuple[bytes, bytes]:
        kind, length = HEAD.unpack(self._read(HEAD.size))
        if length > MOST_PIECE:
            raise self._broken()
        return kind, self._read(length)

    def _read(self, length: int) -> bytes:
        found = bytearray()
        while len(found) < length:
            try:
                self._line.settimeout(self._left())
                part = self._line.recv(min(length - len(found), _CHUNK))
            except TimeoutError:
                self.kill()
                raise AskError(
                    "time", f"the query took longer than {self._limits.time_s:g} s and was stopped"
                ) from None
            except OSError:
                raise self._broken() from None
            if not part:
                raise self._broken()
            found += part
        return bytes(found)

    def _left(self) -> float:
        return max(0.001, self._until - time.monotonic())

    def _broken(self) -> AskError:
        self._process.kill()
        status = self._process.wait()
        self._line.close()
        if self._ready and status == -signal.SIGALRM:
            return AskError("time", f"the query took longer than {self._limits.time_s:g} s and was stopped")
        if self._ready:
            return AskError("memory", "the query needed more memory than it may have and was stopped")
        return AskError("broken", "the lake cannot be read yet; the hub writes lake/scalix.duckdb at its start")
